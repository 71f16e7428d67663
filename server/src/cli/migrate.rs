//! `annex migrate`.

use super::{error::CliError, installation::InstallationArgs, say};

/// Brings the schema up to date.
pub(super) async fn migrate(args: InstallationArgs) -> Result<(), CliError> {
    args.open().await?.close().await;
    say("The database's schema is up to date.");
    Ok(())
}
