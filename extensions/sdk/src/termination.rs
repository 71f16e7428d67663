//! Ending a long-running handler when it is asked to.

use std::io;
use std::process;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// From now on, a request to end (TERM, INT) calls `last_words` and ends the process with exit code 0, whatever it
/// waits for.
///
/// # Errors
/// When the system allows no handler for these signals.
pub fn on_request(last_words: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            last_words();
            process::exit(0);
        }
    });
    Ok(())
}
