//! `annex healthcheck URL`: for supervisors and containers that have no other HTTP client.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use ureq::{
    Agent,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::error::CliError;

#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    /// Address of the portal, for example `http://127.0.0.1:8080`.
    #[arg(env = "ANNEX_SERVER_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
    /// Trust this certificate authority (PEM), for example what `annex ca` printed.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Give up after this many seconds.
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    timeout: u64,
}

/// Asks `/readyz`. Error: the sentence to print; the exit code is 1 then.
pub(super) fn healthcheck(args: &HealthcheckArgs) -> Result<(), CliError> {
    let url = format!("{}/readyz", args.url.trim_end_matches('/'));
    let mut config = Agent::config_builder().timeout_global(Some(Duration::from_secs(args.timeout)));
    if let Some(file) = &args.ca {
        let pem = std::fs::read(file).map_err(|error| CliError::io(file.display().to_string(), error))?;
        let certificates = parse_pem(&pem).filter_map(Result::ok).filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let roots = RootCerts::Specific(Arc::new(certificates.collect()));
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    let agent = Agent::new_with_config(config.build());
    agent.get(&url).call().map_err(|error| CliError::Said(format!("{url} is not ready: {error}")))?;
    super::say("ready");
    Ok(())
}
