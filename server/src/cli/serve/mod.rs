//! `annex serve`.
//!
//! ```text
//!  flags ─► data folder ─► store (migrated) ─► lab ─► control ─► sockets ─► tasks ─► serving
//!                                                                              └─► first steps: packages, lab machines
//!  SIGTERM, SIGINT ─► held requests and streams end ─► drain (≤ 10 s) ─► lab machines stop ─► store closes
//!  a second signal ─► ends at once
//! ```

mod args;
mod first_steps;
mod programs;
mod signals;
mod sockets;

use std::sync::Arc;

use control::{Compute, Context, Control, ControlConfig, compute::NoCompute};
use tokio_util::sync::CancellationToken;
use tower_sessions::ExpiredDeletion;

pub(super) use self::args::ServeArgs;
use super::error::CliError;
use crate::{
    config::Config,
    lab::{Lab, LabConfig},
    listen,
    state::Parts,
    telemetry,
};

/// How often outlived sessions are deleted.
const SESSION_TIDY: std::time::Duration = std::time::Duration::from_secs(600);

/// Serves until a signal.
pub(super) async fn serve(args: ServeArgs) -> Result<(), CliError> {
    let _log = telemetry::init(args.log_format, &args.log);
    let files = listen::raise_open_files();
    let shutdown = CancellationToken::new();
    signals::watch(shutdown.clone())?;

    let store = args.installation.open().await?;
    let lab = open_lab(&args).await?;
    let compute: Arc<dyn Compute> = match &lab {
        Some(lab) => Arc::new(lab.clone()),
        None => Arc::new(NoCompute),
    };
    let (listeners, programs) = sockets::bind(&args, lab.is_some()).await?;
    let server_url = args.server_url(listeners.iter().find_map(listen::Listener::local_addr));
    let config = ControlConfig {
        keys_dir: args.installation.keys(),
        server_url: server_url.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        authority: args.authority_pem()?,
        api_url: programs.url.clone(),
        api_authority: programs.authority.clone(),
        agent_programs: args.agents(),
        api_document: Some(|| serde_json::to_value(crate::rest::document()).unwrap_or_default()),
    };
    let control = Control::open(store.clone(), config, Context::system(), compute, shutdown.clone())?;
    // made while the disk has room
    control.installation().await?;
    // before the tasks look: what was on when the portal ended in order is on again
    control.lab_resume().await?;
    control.start_tasks();
    let sessions = store::Sessions::new(store.clone());
    let tidy = tokio::spawn(sessions.continuously_delete_expired(SESSION_TIDY));

    let parts = Parts { control: control.clone(), store: store.clone(), shutdown: shutdown.clone() };
    let router = crate::build(portal_config(&args, &server_url), parts);
    tracing::info!(url = server_url, files, "serving");
    // asked before the link is told: whoever is quick with it has not decided anything about machines yet
    let first_machines = if first_steps::is_fresh(&control).await? { args.lab } else { 0 };
    first_steps::say_where(&control, &server_url, &programs).await?;
    let steps = tokio::spawn(first_steps::run(control, args.packages.clone(), first_machines));

    let cut = listen::serve(listeners, router, shutdown).await;
    if cut > 0 {
        tracing::warn!(connections = cut, "requests that did not end in time were cut");
    }
    steps.abort();
    tidy.abort();
    if let Some(lab) = lab
        && let Err(error) = lab.stop_all().await
    {
        tracing::error!(%error, "a lab machine did not stop");
    }
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn portal_config(args: &ServeArgs, server_url: &str) -> Config {
    let minutes = |minutes: u32| std::time::Duration::from_secs(u64::from(minutes) * 60);
    Config {
        secure_cookies: args.tls.is_on() || server_url.starts_with("https://"),
        behind_proxy: args.behind_proxy,
        session_idle: minutes(args.session_idle_minutes),
        session_longest: minutes(args.session_longest_minutes),
        ..Config::new(args.site.clone())
    }
}

/// The lab, when there is an agent for its machines.
async fn open_lab(args: &ServeArgs) -> Result<Option<Lab>, CliError> {
    let Some(agent) = args.agent() else {
        tracing::info!("no annex-agent program was found (--agent-binary), so there is no lab on this server");
        return Ok(None);
    };
    let config =
        LabConfig { data_dir: args.installation.make_data()?.to_owned(), agent, program: None, hide: Vec::new() };
    Ok(Some(Lab::open(config).await?))
}
