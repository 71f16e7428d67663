//! The VMAccess handler: users, passwords, keys, sudo, and the SSH server's configuration. Everything happens in
//! `enable`, once per sequence number, before it returns.
//!
//! ```text
//! enable ─► new? ─► settings.rs, and they go from the disk (scrub.rs)
//!                     ├─► ssh/       backup, reset, restore        ─► SshConfig ┐
//!                     ├─► accounts   remove, create, expiry        ─► User      │
//!                     │   password   hash, chpasswd                ─► Password  ├─► report.rs: what changed
//!                     │   sudoers    /etc/sudoers.d/waagent        ─► User      │
//!                     └─► keys/      ~/.ssh/authorized_keys        ─► Keys      ┘
//! ```
//!
//! Where to start: `enable.rs`.

mod accounts;
mod codes;
mod enable;
mod failure;
mod keys;
mod password;
mod report;
mod scrub;
mod settings;
mod ssh;
mod sudoers;

use std::env;
use std::io::Write;
use std::process::ExitCode;

use handler_sdk::command::Command;
use handler_sdk::environment::Environment;
use handler_sdk::log::Log;
use handler_sdk::sequence::Sequence;
use handler_sdk::{exit, moving, tool};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let command = match arguments.as_slice() {
        [word] => Command::parse(word).filter(|command| *command != Command::Run),
        _ => None,
    };
    let Some(command) = command else {
        complain("usage: vm-access install|enable|update|disable|uninstall");
        return ExitCode::from(exit::USAGE);
    };
    let environment = match Environment::locate() {
        Ok(environment) => environment,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(if command == Command::Install { exit::MISSING_DEPENDENCY } else { exit::FAILED });
        }
    };
    let sequence = Sequence::current(&environment);
    let log = Log::open(&environment.log_folder, command.word(), &sequence.stem());
    let code = match command {
        Command::Install => install(&log),
        Command::Enable => enable::enable(&environment, &sequence, &log),
        Command::Update => {
            moving::carry_sequence_numbers(&environment);
            exit::OK
        }
        // there is nothing that runs, and what was done for people stays theirs
        Command::Disable | Command::Uninstall | Command::Run => exit::OK,
    };
    log.info("ended", format!("code {code}"));
    if code != exit::OK {
        complain(&format!("{} failed; the reason is in {}", command.word(), log.path().display()));
    }
    ExitCode::from(code)
}

fn install(log: &Log) -> u8 {
    let missing: Vec<_> =
        ["useradd", "usermod", "userdel", "chpasswd"].into_iter().filter(|name| tool::find(name).is_none()).collect();
    if missing.is_empty() {
        return exit::OK;
    }
    log.error("install-failed", format!("this machine does not have {}", missing.join(", ")));
    exit::MISSING_DEPENDENCY
}

fn complain(words: &str) {
    // the agent shows a command's error output; there is nobody else to tell
    let _ = writeln!(std::io::stderr(), "vm-access: {words}");
}
