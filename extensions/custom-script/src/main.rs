//! The CustomScript handler: downloads files, runs one command or script as root, reports what came of it. Once per
//! sequence number.
//!
//! ```text
//! install ─► data folder          enable ─► short part (sdk, runs) ─► long part (run.rs), in a session of its own
//! update  ─► the data stays                                             ├─ settings.rs   what is wanted
//! disable ─► nothing                                                    ├─ download/     files of fileUris
//! uninstall ─► data folder goes                                         ├─ supervise     the command, with a deadline
//!                                                                       └─ report.rs     status with both streams
//! ```
//!
//! Where to start: `runs/state.rs` of the sdk says what keeps a run from being lost or doubled.

mod codes;
mod download;
mod failure;
mod features;
mod inline;
mod report;
mod run;
mod settings;

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use handler_sdk::command::Command;
use handler_sdk::environment::Environment;
use handler_sdk::log::Log;
use handler_sdk::runs::{self, Data};
use handler_sdk::sequence::Sequence;
use handler_sdk::{exit, moving};

use report::CustomScript;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (command, run_of) = match arguments.as_slice() {
        [word] => (Command::parse(word).filter(|command| *command != Command::Run), None),
        [word, stem] if Command::parse(word) == Some(Command::Run) => {
            let sequence = Sequence::parse(stem);
            (sequence.as_ref().map(|_| Command::Run), sequence)
        }
        _ => (None, None),
    };
    let Some(command) = command else {
        complain("usage: custom-script install|enable|update|disable|uninstall");
        return ExitCode::from(exit::USAGE);
    };
    let environment = match Environment::locate() {
        Ok(environment) => environment,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(if command == Command::Install { exit::MISSING_DEPENDENCY } else { exit::FAILED });
        }
    };
    let sequence = run_of.unwrap_or_else(|| Sequence::current(&environment));
    let log = Log::open(&environment.log_folder, command.word(), &sequence.stem());
    let code = match command {
        Command::Install => install(&environment, &log),
        Command::Enable => runs::enable(&CustomScript, &environment, &sequence, &log),
        Command::Update => runs::update(&CustomScript, &environment, &log),
        Command::Disable => disable(&environment, &log),
        Command::Uninstall => runs::uninstall(&CustomScript, &environment, &log),
        Command::Run => run::run(&environment, &sequence, &log),
    };
    if code != exit::OK {
        complain(&format!("{} failed; the reason is in {}", command.word(), log.path().display()));
    }
    ExitCode::from(code)
}

fn install(environment: &Environment, log: &Log) -> u8 {
    if !Path::new("/bin/sh").exists() {
        log.error("install-failed", "/bin/sh is missing");
        return exit::MISSING_DEPENDENCY;
    }
    runs::install(&CustomScript, environment, log)
}

/// A script that runs goes on, and its status stays: an answer in its place would look like its outcome.
fn disable(environment: &Environment, log: &Log) -> u8 {
    moving::clear(Data::of(&CustomScript, environment).root());
    log.info("disabled", "");
    exit::OK
}

fn complain(words: &str) {
    // the agent shows a command's error output; there is nobody else to tell
    let _ = writeln!(std::io::stderr(), "custom-script: {words}");
}
