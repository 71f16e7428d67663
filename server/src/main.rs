//! `annex`: the portal server. `annex --help` says what it does; everything is in the library.

use std::{ffi::OsString, process::ExitCode};

// page rendering allocates much: measured, this is the cheapest way to more pages a second
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // the lab executes this program again inside namespaces: no thread may exist then
    if let Some(code) = server::lab::run_inner_command(&arguments) {
        return code;
    }
    server::cli::run(arguments)
}
