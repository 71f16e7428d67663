//! The RunCommand handler: named commands on one machine. Each runs once per change of its settings, all at the same
//! time, and reports how far it is.
//!
//! ```text
//! enable <name> ─► instances.rs: made anew? ─► short part (sdk, runs) ─► long part (run.rs), a session of its own
//!                                                                          ├─ settings.rs  what is wanted
//! disable <name> ─► its run is ended: Canceled                             ├─ script.rs    the script's text
//! update         ─► the data stays                                         ├─ program.rs   interpreter, file, arguments
//! uninstall      ─► all runs end, the data goes                            ├─ user.rs      as somebody else
//!                                                                          ├─ blob.rs      what it prints, elsewhere
//!                                                                          └─ view.rs      status with both streams
//! ```
//!
//! Where to start: `view.rs` says what a status tells, `runs/state.rs` of the sdk what keeps a run from being lost or
//! doubled.

mod blob;
mod codes;
mod failure;
mod instances;
mod program;
mod run;
mod script;
mod settings;
mod user;
mod view;

use std::env;
use std::io::Write;
use std::process::ExitCode;

use handler_sdk::command::Command;
use handler_sdk::environment::Environment;
use handler_sdk::exit;
use handler_sdk::log::Log;
use handler_sdk::runs;
use handler_sdk::sequence::Sequence;

use view::RunCommand;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (command, run_of) = match arguments.as_slice() {
        [word, rest @ ..] if word == user::WORD => {
            complain(&user::become_and_run(rest));
            // what a shell says of a program that it cannot run
            return ExitCode::from(126);
        }
        [word] => (Command::parse(word).filter(|command| *command != Command::Run), None),
        [word, stem] if Command::parse(word) == Some(Command::Run) => {
            let sequence = Sequence::parse(stem);
            (sequence.as_ref().map(|_| Command::Run), sequence)
        }
        _ => (None, None),
    };
    let Some(command) = command else {
        complain("usage: run-command install|enable|update|disable|uninstall");
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
        Command::Enable => {
            instances::renew(&environment, &sequence, &log);
            runs::enable(&RunCommand, &environment, &sequence, &log)
        }
        Command::Update => {
            instances::version_changes(&environment);
            runs::update(&RunCommand, &environment, &log)
        }
        Command::Disable => instances::disable(&environment, &sequence, &log),
        Command::Uninstall => runs::uninstall(&RunCommand, &environment, &log),
        Command::Run => run::run(&environment, &sequence, &log),
    };
    if code != exit::OK {
        complain(&format!("{} failed; the reason is in {}", command.word(), log.path().display()));
    }
    ExitCode::from(code)
}

fn install(environment: &Environment, log: &Log) -> u8 {
    if program::usual_shell().is_none() {
        log.error("install-failed", "neither /bin/bash nor /bin/sh is there");
        return exit::MISSING_DEPENDENCY;
    }
    runs::install(&RunCommand, environment, log)
}

fn complain(words: &str) {
    // the agent shows a command's error output; there is nobody else to tell
    let _ = writeln!(std::io::stderr(), "run-command: {words}");
}
