//! Logs: structured, to standard error.

use std::io::{BufWriter, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for log stores.
    Json,
}

/// Writes out what is still waiting when it is dropped.
pub type LogGuard = tracing_appender::non_blocking::WorkerGuard;

/// Starts logging; the log ends with the guard. `filter`: directives such as `info` or `server=debug,info`; `RUST_LOG` wins over it. Panics are logged
/// too, with the request they happened in. A second call changes nothing.
///
/// Lines are written by a thread of their own, as many at once as are waiting. Where nobody reads them (a full pipe), they are dropped after a while: the
/// portal goes on.
pub fn init(format: LogFormat, filter: &str) -> LogGuard {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let registry = tracing_subscriber::registry().with(filter);
    let colours = std::io::stderr().is_terminal();
    let (writer, guard) = tracing_appender::non_blocking(BufWriter::new(std::io::stderr()));
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_target(false).with_ansi(colours);
    let started = match format {
        LogFormat::Text => registry.with(layer.compact()).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let message = panic.payload_as_str().unwrap_or("no message");
            tracing::error!(place, message, "panic");
        }));
    }
    guard
}
