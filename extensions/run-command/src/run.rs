//! The long part of enable: a process of its own that gets the script, runs it and reports.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use handler_sdk::atomic::{self, Durability};
use handler_sdk::environment::Environment;
use handler_sdk::holder::Holder;
use handler_sdk::image::Image;
use handler_sdk::lease::Lease;
use handler_sdk::log::Log;
use handler_sdk::output::{Bound, Files, Output};
use handler_sdk::redact::Redactor;
use handler_sdk::runs::{self, Data, State, publish};
use handler_sdk::sequence::Sequence;
use handler_sdk::settings::{Settings, SettingsError};
use handler_sdk::status::Status;
use handler_sdk::supervise::{Ending, Job};
use handler_sdk::{detach, exit};

use crate::blob::Uploads;
use crate::failure::Failure;
use crate::program::Program;
use crate::settings::{self, Wanted};
use crate::user::{self, User};
use crate::view::{Rules, RunCommand, View};
use crate::{codes, script};

/// How often the status of a command that runs is renewed; the field renews it every 15 s.
const PROGRESS: Duration = Duration::from_secs(5);

/// Runs the whole part; the answer is the process's exit code.
#[must_use]
pub fn run(environment: &Environment, sequence: &Sequence, log: &Log) -> u8 {
    detach::own_session();
    let data = Data::of(&RunCommand, environment);
    // dropped when the process ends, whatever way it ends
    let Ok(_lease) = Lease::inherited(&data.run_file(sequence, "lease")) else { return exit::USAGE };
    let holder = Holder::this_process(&environment.root, sequence.number);
    if let Err(error) = holder.write(&data.run_file(sequence, "holder")) {
        log.warn("holder-not-written", error);
    }
    let former = |other: &Sequence| other.extension == sequence.extension && other.number != sequence.number;
    runs::stop_where(&RunCommand, environment, "newer settings replace it", log, former);
    let run = Run { environment, sequence, log, data: &data };
    let status = run.work();
    // whatever became of the run, nobody reads the script any more
    let _ = fs::remove_file(data.run_file(sequence, "command"));
    if let Err(error) = user::remove_folder(&sequence.stem()) {
        log.warn("folder-not-removed", error);
    }
    if let Err(error) = State::Finished(status.clone()).write(&data, sequence) {
        log.error("state-not-written", error);
    }
    publish(&RunCommand, environment, sequence, &status, log);
    // nobody waits for this: until it is done, a power cut would turn the result into an interrupted run
    if let Err(error) = atomic::sync(&data.run_file(sequence, "state")).and_then(|()| atomic::sync(&data.runs())) {
        log.warn("state-not-synced", error);
    }
    log.info("run-finished", format!("{} code={}", status.level.as_str(), status.code));
    runs::older_than(&RunCommand, environment, sequence, log);
    exit::OK
}

struct Run<'a> {
    environment: &'a Environment,
    sequence: &'a Sequence,
    log: &'a Log,
    data: &'a Data,
}

impl Run<'_> {
    /// Everything up to the final status.
    fn work(&self) -> Status {
        // settings that cannot be used never ran, so that counts as a failure whatever they say
        let counts = Rules { is_async: false, failure_counts: true };
        let settings = match Settings::load(self.environment, self.sequence) {
            Ok(settings) => settings,
            Err(error) => {
                self.log.error("settings", &error);
                let code = match &error {
                    SettingsError::CertificateMissing(_) => codes::NO_CERTIFICATE,
                    _ => codes::SETTINGS,
                };
                return View::failed(&Failure::new(code, error.to_string()), &Redactor::default()).status(counts);
            }
        };
        let redactor = Redactor::new(settings::secrets(&settings));
        self.log.redact_with(redactor.clone());
        let failed = |failure: &Failure, rules: Rules| {
            self.log.error("failed", format!("code={} {failure}", failure.code));
            View::failed(failure, &redactor).status(rules)
        };
        let wanted = match self.wanted(&settings) {
            Ok(wanted) => wanted,
            Err(failure) => return failed(&failure, counts),
        };
        match self.attempt(&wanted, &redactor) {
            Ok(view) => view.status(wanted.rules),
            Err(failure) if failure.code == codes::SETTINGS => failed(&failure, counts),
            Err(failure) => failed(&failure, wanted.rules),
        }
    }

    fn wanted(&self, settings: &Settings) -> Result<Wanted, Failure> {
        let image = Image::load(&self.environment.root)
            .map_err(|error| Failure::new(codes::SYSTEM, format!("The package is damaged: {error}.")))?;
        // a policy that is ignored would be worse than none
        if self.environment.config_folder.join("waagent_runtime_policy.json").exists() {
            let words = "A runtime policy restricts scripts on this machine, and this version cannot enforce it; nothing was run.";
            return Err(Failure::new(codes::POLICY, words));
        }
        settings::check(&image, settings)
    }

    fn attempt(&self, wanted: &Wanted, redactor: &Redactor) -> Result<View, Failure> {
        let system = |error: std::io::Error| Failure::system(&error);
        if wanted.rules.is_async {
            self.show(&View::default(), wanted);
        }
        let user = wanted.user.as_deref().map(User::find).transpose()?;
        let script = script::fetch(&wanted.source, &self.environment.root)?;
        let program = Program::new(&script, &wanted.positional, &wanted.protected_positional)?;
        let folder = self.data.download(self.sequence);
        // a run that was cut off before its command began may have left a part
        let _ = fs::remove_dir_all(&folder);
        atomic::private_folder(&folder).map_err(system)?;
        let output = Output::locate(self.environment, self.sequence, &folder);
        let files = output.create().map_err(|(_, error)| system(error))?;
        let uploads = Uploads::begin(wanted, &files)?;
        let command = self.command(wanted, &program, user.as_ref(), &folder).map_err(system)?;
        let view = self.execute(command, wanted, &files, redactor)?;
        Ok(match uploads.finish() {
            Ok(()) => view,
            Err(why) => {
                self.log.warn("output-not-sent", &why);
                let words = format!("{} Not all of its output could be sent on: {why}.", view.execution_message);
                View { execution_message: words, ..view }
            }
        })
    }

    /// The command with everything but its streams.
    fn command(
        &self,
        wanted: &Wanted,
        program: &Program,
        user: Option<&User>,
        folder: &Path,
    ) -> std::io::Result<Command> {
        let (mut command, script) = match user {
            Some(user) => (user.command(&program.interpreter)?, user.place(&self.sequence.stem(), &program.file)?),
            None => {
                let script = self.data.run_file(self.sequence, "command");
                atomic::write(&script, &program.file, 0o600, Durability::Ordinary)?;
                fs::set_permissions(&script, Permissions::from_mode(0o500))?;
                let mut command = Command::new(&program.interpreter);
                command.current_dir(folder);
                if std::env::var_os("HOME").is_none() && rustix::process::geteuid().is_root() {
                    command.env("HOME", "/root");
                }
                (command, script)
            }
        };
        // services are started with next to no environment; scripts expect a search path
        if std::env::var_os("PATH").is_none() {
            command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        }
        command.args(&program.option).arg(script).args(&program.arguments);
        command.envs(wanted.variables.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    fn execute(
        &self,
        mut command: Command,
        wanted: &Wanted,
        files: &Files,
        redactor: &Redactor,
    ) -> Result<View, Failure> {
        let system = |error: std::io::Error| Failure::system(&error);
        let (stdout, stderr) = files.streams().map_err(system)?;
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let job = Job { command, limit: wanted.limit, progress_every: Some(PROGRESS) };
        let bound = Bound::new(files).map_err(system)?;
        // from here on the command counts as run, whatever happens
        State::Started.write(self.data, self.sequence).map_err(system)?;
        let view = View::running();
        self.show(&view, wanted);
        self.log.info("command-started", "");
        let noted = self.data.run_file(self.sequence, "process");
        let started = |process| {
            let process = Holder::of_child(process, &self.environment.root, self.sequence.number);
            if let Err(error) = process.write(&noted) {
                self.log.warn("process-not-written", error);
            }
        };
        let ended = job.run_noting(started, |_| self.show(&view.clone().with_streams(files, redactor), wanted));
        drop(bound);
        let ending = ended.map_err(system)?;
        self.log.info("command-ended", format!("{ending:?}"));
        let reason = match ending {
            Ending::Stopped => runs::reason(self.data, self.sequence),
            _ => None,
        };
        Ok(view.with_streams(files, redactor).ended(ending, wanted.limit, reason.as_deref()))
    }

    fn show(&self, view: &View, wanted: &Wanted) {
        publish(&RunCommand, self.environment, self.sequence, &view.status(wanted.rules), self.log);
    }
}
