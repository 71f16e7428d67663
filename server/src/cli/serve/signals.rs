//! Signals: the first asks the server to drain, the second ends it.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::error::CliError;

/// Cancels `shutdown` at the first SIGTERM or SIGINT.
///
/// # Errors
/// The process may not install signal handlers.
pub(super) fn watch(shutdown: CancellationToken) -> Result<(), CliError> {
    let failed = |error| CliError::io("signal handlers", error);
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate()).map_err(failed)?, signal(SignalKind::interrupt()).map_err(failed)?);
    tokio::spawn(async move {
        for round in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if round > 0 {
                tracing::warn!("a second signal: ending at once");
                std::process::exit(130);
            }
            tracing::info!("stopping: requests that run may end");
            shutdown.cancel();
        }
    });
    Ok(())
}
