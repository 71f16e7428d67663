//! The ApplicationHealth handler: probes one endpoint on the machine itself, for as long as the extension is enabled,
//! and reports the application's health.
//!
//! ```text
//! enable ─► short part (enable.rs) ─► long part (watch.rs) ─► probe/ ─► machine.rs ─► report.rs ─► status, heartbeat
//!                                         └──────────────────── every interval ◄──────────────────────────┘
//! ```

mod data;
mod enable;
mod lifecycle;
mod machine;
mod probe;
mod report;
mod settings;
mod watch;

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
        complain("usage: application-health install|enable|update|disable|uninstall");
        return ExitCode::from(exit::USAGE);
    };
    let environment = match Environment::locate() {
        Ok(environment) => environment,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(exit::FAILED);
        }
    };
    let sequence = run_of.unwrap_or_else(|| Sequence::current(&environment));
    let log_age = enable::log_age(&environment);
    let log: &'static Log = Box::leak(Box::new(Log::open(&environment.log_folder, command.word(), &sequence.stem())));
    let code = match command {
        Command::Install => lifecycle::install(&environment, log),
        Command::Enable => enable::enable(&environment, &sequence, log_age, log),
        Command::Update => lifecycle::update(&environment, log),
        Command::Disable => lifecycle::disable(&environment, log),
        Command::Uninstall => lifecycle::uninstall(&environment, log),
        Command::Run => watch::watch(&environment, &sequence, log),
    };
    if code != exit::OK {
        complain(&format!("{} failed; the reason is in {}", command.word(), log.path().display()));
    }
    ExitCode::from(code)
}

fn complain(words: &str) {
    // the agent shows a command's error output; there is nobody else to tell
    let _ = writeln!(std::io::stderr(), "application-health: {words}");
}
