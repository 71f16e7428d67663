//! The words and parts of a custom script's status.

use std::io;
use std::time::Duration;

use handler_sdk::environment::Environment;
use handler_sdk::output::{self, Files, Output};
use handler_sdk::redact::Redactor;
use handler_sdk::runs::{Data, Handler};
use handler_sdk::sequence::Sequence;
use handler_sdk::status::{Level, Status, Substatus};
use handler_sdk::supervise::Ending;

use crate::codes;
use crate::failure::Failure;

/// The handler as its runs see it.
pub struct CustomScript;

impl Handler for CustomScript {
    fn name(&self) -> &'static str {
        "CustomScript"
    }

    fn folder(&self) -> &'static str {
        "custom-script"
    }

    fn accepted(&self) -> Status {
        in_progress("")
    }

    fn refused(&self, error: &io::Error) -> Status {
        let words = format!("the machine refuses: {error}; check free space and mount options");
        failed(&Failure::new(codes::SYSTEM, words), &Redactor::default())
    }

    fn cut_off(&self, environment: &Environment, sequence: &Sequence) -> Status {
        let folder = Data::of(self, environment).download(sequence);
        cut_off(&Output::locate(environment, sequence, &folder))
    }

    fn stopped(&self, _: &Environment, _: &Sequence, reason: &str) -> Status {
        let failure = Failure::new(codes::INTERRUPTED, format!("the run was stopped: {reason}"));
        failed(&failure, &Redactor::default())
    }
}

/// What the shell reports for a command that a signal ended: this plus the signal's number.
const SIGNAL_BASE: i64 = 128;

/// The status before anything is known.
#[must_use]
pub fn in_progress(detail: &str) -> Status {
    let message =
        if detail.is_empty() { "Enable in progress".to_owned() } else { format!("Enable in progress: {detail}") };
    Status::new(Level::Transitioning, codes::SYSTEM, message)
}

/// The status of a run that came to no command.
#[must_use]
pub fn failed(failure: &Failure, redactor: &Redactor) -> Status {
    Status::new(Level::Error, failure.code, redactor.clean(&format!("Enable failed: {failure}")))
}

/// The status while the command runs, with what it printed so far.
#[must_use]
pub fn running(elapsed: Duration, output: &Files, redactor: &Redactor) -> Status {
    let streams = Streams::of(output, redactor);
    let mut status = in_progress(&format!("the command has been running for {}", words(elapsed)));
    status.parts = streams.parts(Level::Transitioning);
    status
}

/// The status of a command that ended.
#[must_use]
pub fn ended(ending: Ending, limit: Duration, output: &Files, redactor: &Redactor, hint: Option<&str>) -> Status {
    let streams = Streams::of(output, redactor);
    let (level, code, header) = match ending {
        Ending::Exited(0) => (Level::Success, codes::SYSTEM, "Enable succeeded:".to_owned()),
        Ending::Exited(exit) => {
            (Level::Error, codes::NON_ZERO_EXIT, format!("Enable failed: the command ended with exit code {exit}"))
        }
        Ending::Killed(signal) => {
            (Level::Error, codes::NON_ZERO_EXIT, format!("Enable failed: signal {signal} ended the command"))
        }
        Ending::TimedOut => (
            Level::Error,
            codes::TIMED_OUT,
            format!("Enable failed: the command ran longer than {} and was ended with all its processes", words(limit)),
        ),
        Ending::Stopped => (Level::Error, codes::INTERRUPTED, format!("Enable failed: {}", interrupted())),
    };
    let header = match hint {
        Some(hint) if level == Level::Error => format!("{header} ({hint})"),
        _ => header,
    };
    let mut parts = streams.parts(if level == Level::Success { Level::Success } else { Level::Error });
    let exit = match ending {
        Ending::Exited(exit) => Some((i64::from(exit), exit.to_string())),
        Ending::Killed(signal) => {
            Some((SIGNAL_BASE + i64::from(signal), format!("{} (signal {signal})", SIGNAL_BASE + i64::from(signal))))
        }
        Ending::TimedOut | Ending::Stopped => None,
    };
    if let Some((code, text)) = exit {
        parts.push(Substatus::new("ExitCode", level, text).with_code(code));
    }
    let message = format!("{header}\n[stdout]\n{}\n[stderr]\n{}", streams.stdout, streams.stderr);
    Status::new(level, code, message).with_parts(parts)
}

/// The status of a run that a shutdown, a crash or a stop cut off.
#[must_use]
fn cut_off(output: &Output) -> Status {
    // the settings are not at hand here, hence no way to know what to mask: the streams are left out
    let kept =
        if output.stdout.exists() { "; what it printed until then is in the machine's output folder" } else { "" };
    Status::new(Level::Error, codes::INTERRUPTED, format!("Enable failed: {}{kept}", interrupted()))
}

fn interrupted() -> &'static str {
    "the run was interrupted by a shutdown or a stop and is not repeated; choose Run again, or change the settings, to run it once more"
}

/// `45 s`, `2 min`, `1 min 30 s`.
fn words(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

struct Streams {
    stdout: String,
    stderr: String,
}

impl Streams {
    fn of(output: &Files, redactor: &Redactor) -> Self {
        Self { stdout: output::tail(&output.stdout, redactor), stderr: output::tail(&output.stderr, redactor) }
    }

    fn parts(&self, level: Level) -> Vec<Substatus> {
        vec![
            Substatus::new("StdOut", level, self.stdout.as_str()),
            Substatus::new("StdErr", level, self.stderr.as_str()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(folder: &std::path::Path) -> Files {
        let output = Output { stdout: folder.join("stdout"), stderr: folder.join("stderr") };
        let files = output.create().unwrap();
        std::fs::write(&output.stdout, format!("{}end", "x".repeat(9000))).unwrap();
        std::fs::write(&output.stderr, "secret-word here").unwrap();
        files
    }

    #[test]
    fn a_failure_shows_code_and_both_streams_without_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let redactor = Redactor::new(["secret-word".to_owned()]);
        let status = ended(Ending::Exited(3), Duration::from_secs(90), &output(folder.path()), &redactor, None);
        assert_eq!((status.level, status.code), (Level::Error, codes::NON_ZERO_EXIT));
        assert!(status.message.starts_with("Enable failed: the command ended with exit code 3\n[stdout]\nxxx"));
        assert!(status.message.ends_with("xend\n[stderr]\n[redacted] here"));
        let parts: Vec<_> =
            status.parts.iter().map(|part| (part.name.as_str(), part.code, part.message.len())).collect();
        assert_eq!(parts, [("StdOut", 0, 4096), ("StdErr", 0, 15), ("ExitCode", 3, 1)]);
    }

    #[test]
    fn every_ending_has_level_and_code() {
        let folder = tempfile::tempdir().unwrap();
        let output = output(folder.path());
        for (ending, level, code, words) in [
            (Ending::Exited(0), Level::Success, 0, "Enable succeeded:\n[stdout]"),
            (Ending::Killed(9), Level::Error, codes::NON_ZERO_EXIT, "signal 9"),
            (Ending::TimedOut, Level::Error, codes::TIMED_OUT, "longer than 1 min 30 s"),
            (Ending::Stopped, Level::Error, codes::INTERRUPTED, "not repeated"),
        ] {
            let status = ended(ending, Duration::from_secs(90), &output, &Redactor::default(), None);
            assert_eq!((status.level, status.code), (level, code));
            assert!(status.message.contains(words), "{}", status.message);
        }
    }
}
