//! `annex ca`.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use crate::listen::{LocalCa, TlsError};

#[derive(Debug, Args)]
pub(super) struct CaArgs {
    /// The installation's data folder.
    #[arg(long, env = "ANNEX_DATA", default_value = "data", value_name = "FOLDER")]
    data: PathBuf,
}

/// Prints the authority's certificate; makes the authority when there is none yet.
pub(super) fn ca(args: &CaArgs) -> Result<(), CliError> {
    let authority = LocalCa::open(&args.data.join("tls")).map_err(TlsError::from)?;
    super::say(authority.certificate_pem().trim_end());
    Ok(())
}
