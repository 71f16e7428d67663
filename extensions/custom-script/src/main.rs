//! The CustomScript handler: downloads files, runs one command or script as root, reports what came of it. Once per
//! sequence number.
//!
//! ```text
//! install ─► data folder          enable ─► short part (enable.rs) ─► long part (run.rs), in a session of its own
//! update  ─► the data stays                                             ├─ settings.rs   what is wanted
//! disable ─► nothing                                                    ├─ download/     files of fileUris
//! uninstall ─► data folder goes                                         ├─ supervise     the command, with a deadline
//!                                                                       └─ report.rs     status with both streams
//! ```
//!
//! Where to start: `state.rs` says what keeps a run from being lost or doubled.

mod clean;
mod codes;
mod data;
mod download;
mod enable;
mod failure;
mod features;
mod inline;
mod lifecycle;
mod predecessors;
mod publish;
mod report;
mod run;
mod settings;
mod state;
mod text;

use std::env;
use std::io::Write;
use std::process::ExitCode;

use handler_sdk::command::Command;
use handler_sdk::environment::Environment;
use handler_sdk::exit;
use handler_sdk::log::Log;
use handler_sdk::sequence::Sequence;

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
        Command::Install => lifecycle::install(&environment, &sequence, &log),
        Command::Enable => enable::enable(&environment, &sequence, &log),
        Command::Update => lifecycle::update(&environment, &log),
        Command::Disable => lifecycle::disable(&environment, &log),
        Command::Uninstall => lifecycle::uninstall(&environment, &log),
        Command::Run => run::run(&environment, &sequence, &log),
    };
    if code != exit::OK {
        complain(&format!("{} failed; the reason is in {}", command.word(), log.path().display()));
    }
    ExitCode::from(code)
}

fn complain(words: &str) {
    // the agent shows a command's error output; there is nobody else to tell
    let _ = writeln!(std::io::stderr(), "custom-script: {words}");
}
