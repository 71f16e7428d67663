//! What a status of RunCommand tells: the field's instance view as JSON text, and both streams as parts of their own.
//!
//! ```text
//! Pending ─► Running ─► Succeeded | Failed | TimedOut | Canceled
//!
//! status     transitioning … success      a script that fails is a success, unless treatFailureAsDeploymentFailure
//! async      success from the start
//! ```

use std::io;
use std::time::Duration;

use handler_sdk::environment::Environment;
use handler_sdk::log;
use handler_sdk::output::{self, Files};
use handler_sdk::redact::Redactor;
use handler_sdk::runs::Handler;
use handler_sdk::sequence::Sequence;
use handler_sdk::settings::Settings;
use handler_sdk::status::{Level, Status, StatusFile, Substatus};
use handler_sdk::supervise::Ending;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::{codes, user};

/// What the shell reports for a command that a signal ended: this plus the signal's number.
const SIGNAL_BASE: i64 = 128;

/// How far a command is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecutionState {
    /// It has not begun.
    #[default]
    Pending,
    /// It runs.
    Running,
    /// It ended by itself with exit code 0.
    Succeeded,
    /// It ended otherwise, or never began.
    Failed,
    /// Its time was up.
    TimedOut,
    /// Newer settings, or its deletion, ended it.
    Canceled,
}

/// The instance view, under the names that the field's clients read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct View {
    /// How far it is.
    pub execution_state: ExecutionState,
    /// The same in words, with what to do.
    pub execution_message: String,
    /// The end of standard output, at most 4 KiB.
    pub output: String,
    /// The end of error output, at most 4 KiB.
    pub error: String,
    /// The command's own; below 0 when there was no command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
}

/// Which outcomes the whole status stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// `asyncExecution`.
    pub is_async: bool,
    /// `treatFailureAsDeploymentFailure`.
    pub failure_counts: bool,
}

impl View {
    /// The view of a command that begins now.
    #[must_use]
    pub fn running() -> Self {
        Self {
            execution_state: ExecutionState::Running,
            execution_message: "The command runs.".to_owned(),
            start_time: Some(log::timestamp()),
            ..Self::default()
        }
    }

    /// The same with what was printed so far.
    #[must_use]
    pub fn with_streams(mut self, files: &Files, redactor: &Redactor) -> Self {
        self.output = output::tail(&files.stdout, redactor);
        self.error = output::tail(&files.stderr, redactor);
        self
    }

    /// The same after the command's end. `stopped_for` is why somebody ended it.
    #[must_use]
    pub fn ended(mut self, ending: Ending, limit: Duration, stopped_for: Option<&str>) -> Self {
        let (state, message, exit) = match (ending, stopped_for) {
            (Ending::Exited(0), _) => {
                (ExecutionState::Succeeded, "The command ended with exit code 0.".into(), Some(0))
            }
            (Ending::Exited(code), _) => {
                (ExecutionState::Failed, format!("The command ended with exit code {code}."), Some(i64::from(code)))
            }
            (Ending::Killed(signal), _) => {
                let code = SIGNAL_BASE + i64::from(signal);
                (ExecutionState::Failed, format!("Signal {signal} ended the command."), Some(code))
            }
            (Ending::TimedOut, _) => {
                let words = format!(
                    "The command ran longer than {} s and was ended with all processes of its group.",
                    limit.as_secs()
                );
                (ExecutionState::TimedOut, words, None)
            }
            (Ending::Stopped, Some(reason)) => (ExecutionState::Canceled, canceled(reason), None),
            (Ending::Stopped, None) => (ExecutionState::Failed, interrupted(), None),
        };
        self.execution_state = state;
        self.execution_message = message;
        self.exit_code = exit;
        self.end_time = Some(log::timestamp());
        self
    }

    /// The view of a run that came to no command.
    #[must_use]
    pub fn failed(failure: &Failure, redactor: &Redactor) -> Self {
        Self {
            execution_state: ExecutionState::Failed,
            execution_message: redactor.clean(&failure.message),
            exit_code: Some(failure.code),
            end_time: Some(log::timestamp()),
            ..Self::default()
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self.execution_state, ExecutionState::Pending | ExecutionState::Running)
    }

    /// The status that shows this view.
    #[must_use]
    pub fn status(&self, rules: Rules) -> Status {
        let own = match self.execution_state {
            ExecutionState::Pending | ExecutionState::Running => Level::Transitioning,
            ExecutionState::Succeeded => Level::Success,
            ExecutionState::Failed | ExecutionState::TimedOut | ExecutionState::Canceled => Level::Error,
        };
        let whole = match own {
            _ if rules.is_async => Level::Success,
            Level::Error if !rules.failure_counts => Level::Success,
            level => level,
        };
        let code = if whole == Level::Error { self.exit_code.unwrap_or(codes::SYSTEM) } else { 0 };
        let mut parts = vec![
            Substatus::new("StdOut", own, self.output.as_str()),
            Substatus::new("StdErr", own, self.error.as_str()),
        ];
        if let Some(exit) = self.exit_code {
            parts.push(Substatus::new("ExitCode", own, exit.to_string()).with_code(exit));
        }
        // a structure of texts and numbers always becomes JSON
        let message = serde_json::to_string(self).unwrap_or_default();
        Status::new(whole, code, message).with_parts(parts)
    }

    /// The view that a status file shows now.
    fn shown(file: &StatusFile) -> Option<Self> {
        let text = file.message().filter(|text| text.contains("\"executionState\""))?;
        serde_json::from_str(&text).ok()
    }
}

fn canceled(reason: &str) -> String {
    format!("The run was ended: {reason}.")
}

fn interrupted() -> String {
    "A shutdown or a crash interrupted the run. It is not repeated; apply the settings again to run it once more."
        .into()
}

/// The handler as its runs see it.
pub struct RunCommand;

impl RunCommand {
    /// The last view of a run whose process is gone, ended. What it showed of the streams was cleaned of secrets then.
    fn closed(&self, environment: &Environment, sequence: &Sequence, state: ExecutionState, words: String) -> Status {
        let _ = user::remove_folder(&sequence.stem());
        let last = View::shown(&StatusFile::new(environment, sequence, self.name())).unwrap_or_default();
        let view = View { execution_state: state, execution_message: words, end_time: Some(log::timestamp()), ..last };
        view.status(rules_of(environment, sequence))
    }
}

/// The rules that the settings of `sequence` state; the usual ones when they cannot be read any more.
fn rules_of(environment: &Environment, sequence: &Sequence) -> Rules {
    let settings = Settings::load(environment, sequence).unwrap_or_default();
    let is_on = |name: &str| settings.public.get(name) == Some(&serde_json::Value::Bool(true));
    Rules { is_async: is_on("asyncExecution"), failure_counts: is_on("treatFailureAsDeploymentFailure") }
}

impl Handler for RunCommand {
    fn name(&self) -> &'static str {
        "RunCommand"
    }

    fn folder(&self) -> &'static str {
        "run-command"
    }

    fn is_final(&self, shown: &StatusFile) -> bool {
        View::shown(shown).is_some_and(|view| view.is_final())
    }

    fn accepted(&self) -> Status {
        let view = View { execution_message: "The command is about to begin.".to_owned(), ..View::default() };
        view.status(Rules::default())
    }

    fn refused(&self, error: &io::Error) -> Status {
        let view = View::failed(&Failure::system(error), &Redactor::default());
        view.status(Rules { is_async: false, failure_counts: true })
    }

    fn cut_off(&self, environment: &Environment, sequence: &Sequence) -> Status {
        self.closed(environment, sequence, ExecutionState::Failed, interrupted())
    }

    fn stopped(&self, environment: &Environment, sequence: &Sequence, reason: &str) -> Status {
        self.closed(environment, sequence, ExecutionState::Canceled, canceled(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(state: ExecutionState, exit: Option<i64>) -> View {
        View { execution_state: state, exit_code: exit, ..View::default() }
    }

    #[test]
    fn who_asked_for_it_decides_what_a_failure_is() {
        let usual = Rules::default();
        let strict = Rules { failure_counts: true, ..usual };
        let detached = Rules { is_async: true, failure_counts: true };
        for (state, exit, rules, level, code) in [
            (ExecutionState::Running, None, usual, Level::Transitioning, 0),
            (ExecutionState::Running, None, detached, Level::Success, 0),
            (ExecutionState::Succeeded, Some(0), strict, Level::Success, 0),
            (ExecutionState::Failed, Some(3), usual, Level::Success, 0),
            (ExecutionState::Failed, Some(3), strict, Level::Error, 3),
            (ExecutionState::Failed, Some(3), detached, Level::Success, 0),
            (ExecutionState::TimedOut, None, strict, Level::Error, codes::SYSTEM),
        ] {
            let status = view(state, exit).status(rules);
            assert_eq!((status.level, status.code), (level, code), "{state:?} {rules:?}");
        }
    }

    #[test]
    fn the_text_is_the_fields_instance_view() {
        let view = View {
            start_time: Some("2026-11-22T16:00:00.000Z".into()),
            output: "a\n".into(),
            ..view(ExecutionState::Failed, Some(3))
        };
        let text = view.status(Rules::default()).message;
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({"executionState": "Failed", "executionMessage": "", "output": "a\n", "error": "",
            "exitCode": 3, "startTime": "2026-11-22T16:00:00.000Z"});
        assert_eq!(read, expected);
    }

    #[test]
    fn the_largest_view_is_still_one_document() {
        let nasty = "\u{1}".repeat(output::SHOWN);
        let view = View { output: nasty.clone(), error: nasty, ..view(ExecutionState::Failed, Some(1)) };
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment {
            root: folder.path().into(),
            lib: folder.path().into(),
            name: "n".into(),
            log_folder: folder.path().into(),
            config_folder: folder.path().into(),
            status_folder: folder.path().into(),
            heartbeat_file: None,
            output_folder: None,
        };
        let file = StatusFile::new(&environment, &Sequence { extension: Some("a".into()), number: 1 }, "RunCommand");
        file.write(&view.status(Rules::default())).unwrap();
        assert_eq!(View::shown(&file), Some(view));
    }
}
