//! The long part of enable: a process of its own that gets the files, runs the command and reports.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use handler_sdk::atomic::{self, Durability};
use handler_sdk::environment::Environment;
use handler_sdk::holder::Holder;
use handler_sdk::image::Image;
use handler_sdk::lease::Lease;
use handler_sdk::log::Log;
use handler_sdk::output::{Bound, Output};
use handler_sdk::redact::Redactor;
use handler_sdk::runs::{self, Data, State, publish};
use handler_sdk::sequence::Sequence;
use handler_sdk::settings::{Settings, SettingsError};
use handler_sdk::status::Status;
use handler_sdk::supervise::{Ending, Job};
use handler_sdk::{detach, exit, text};

use crate::failure::Failure;
use crate::features::Features;
use crate::report::{self, CustomScript};
use crate::settings::{self, Task, Wanted};
use crate::{codes, download, inline};

/// Runs the whole part; the answer is the process's exit code.
#[must_use]
pub fn run(environment: &Environment, sequence: &Sequence, log: &Log) -> u8 {
    detach::own_session();
    let data = Data::of(&CustomScript, environment);
    // dropped when the process ends, whatever way it ends
    let Ok(_lease) = Lease::inherited(&data.run_file(sequence, "lease")) else { return exit::USAGE };
    let holder = Holder::this_process(&environment.root, sequence.number);
    if let Err(error) = holder.write(&data.run_file(sequence, "holder")) {
        log.warn("holder-not-written", error);
    }
    runs::stop_where(&CustomScript, environment, "newer settings replace it", log, |other| other != sequence);
    let run = Run { environment, sequence, log, data: &data };
    let (status, redactor) = run.work();
    // whatever became of the run, the shell needs it no more; mostly it is gone already
    let _ = fs::remove_file(data.run_file(sequence, "command"));
    log.redact_with(redactor);
    if let Err(error) = State::Finished(status.clone()).write(&data, sequence) {
        log.error("state-not-written", error);
    }
    publish(&CustomScript, environment, sequence, &status, log);
    // nobody waits for this: until it is done, a power cut would turn the result into an interrupted run
    if let Err(error) = atomic::sync(&data.run_file(sequence, "state")).and_then(|()| atomic::sync(&data.runs())) {
        log.warn("state-not-synced", error);
    }
    log.info("run-finished", format!("{} code={}", status.level.as_str(), status.code));
    runs::older_than(&CustomScript, environment, sequence, log);
    exit::OK
}

struct Run<'a> {
    environment: &'a Environment,
    sequence: &'a Sequence,
    log: &'a Log,
    data: &'a Data,
}

impl Run<'_> {
    /// Everything up to the final status, and what must be masked in it.
    fn work(&self) -> (Status, Redactor) {
        let settings = match Settings::load(self.environment, self.sequence) {
            Ok(settings) => settings,
            Err(error) => {
                self.log.error("settings", &error);
                let code = match &error {
                    SettingsError::CertificateMissing(_) => codes::NO_CERTIFICATE,
                    _ => codes::BAD_CONFIGURATION,
                };
                let failure = Failure::new(code, error.to_string());
                return (report::failed(&failure, &Redactor::default()), Redactor::default());
            }
        };
        let mut redactor = Redactor::new(settings.secrets());
        self.log.redact_with(redactor.clone());
        let status = self.attempt(&settings, &mut redactor).unwrap_or_else(|failure| {
            self.log.error("failed", format!("code={} {failure}", failure.code));
            report::failed(&failure, &redactor)
        });
        (status, redactor)
    }

    fn attempt(&self, settings: &Settings, redactor: &mut Redactor) -> Result<Status, Failure> {
        let package = &self.environment.root;
        let image = Image::load(package).map_err(|error| Failure::new(codes::BAD_CONFIGURATION, error.to_string()))?;
        let features = Features::load(package);
        let wanted = settings::check(&image, features, settings)?;
        self.refuse_unenforceable_policy()?;
        let folder = self.data.download(self.sequence);
        // a run that was cut off before its command began may have left a part
        let _ = fs::remove_dir_all(&folder);
        atomic::private_folder(&folder).map_err(|error| {
            Failure::new(
                codes::NO_FOLDER,
                format!("cannot create {}: {error}; check free space and mount options", folder.display()),
            )
        })?;
        self.download(&wanted, &folder, features, redactor)?;
        let command = self.command(&wanted, &folder, redactor)?;
        self.execute(&wanted, &command, &folder, features, redactor)
    }

    /// A policy that is ignored would be worse than none.
    fn refuse_unenforceable_policy(&self) -> Result<(), Failure> {
        let policy = self.environment.config_folder.join("waagent_runtime_policy.json");
        if !policy.exists() {
            return Ok(());
        }
        let words =
            "a runtime policy restricts scripts on this machine, and this version cannot enforce it; nothing was run";
        Err(Failure::new(codes::POLICY, words))
    }

    fn download(&self, wanted: &Wanted, folder: &Path, features: Features, redactor: &Redactor) -> Result<(), Failure> {
        download::all(&wanted.files, &wanted.access, wanted.keep_line_ends, folder, self.log, |progress| {
            if features.progress_every().is_none() {
                return;
            }
            let mut words = format!("downloading file {} of {}, {}", progress.number, progress.of, progress.file);
            if let Some((attempt, pause)) = progress.failed {
                words.push_str(&format!(" (attempt {attempt} failed; next in {} s)", pause.as_secs()));
            }
            publish(
                &CustomScript,
                self.environment,
                self.sequence,
                &report::in_progress(&redactor.clean(&words)),
                self.log,
            );
        })
    }

    /// What `/bin/sh` is to run. A script is written to `script.sh` first.
    fn command(&self, wanted: &Wanted, folder: &Path, redactor: &mut Redactor) -> Result<Vec<u8>, Failure> {
        let unix = |bytes: Vec<u8>| if wanted.keep_line_ends { bytes } else { text::to_unix(&bytes).into_owned() };
        match &wanted.task {
            Task::Command(command) => Ok(unix(command.clone().into_bytes())),
            Task::Script(script) => {
                let script = unix(inline::decode(script)?);
                if wanted.protected_task {
                    redactor.add(&String::from_utf8_lossy(&script));
                    self.log.redact_with(redactor.clone());
                }
                write_script(&folder.join("script.sh"), &script)?;
                Ok(b"./script.sh".to_vec())
            }
        }
    }

    fn execute(
        &self,
        wanted: &Wanted,
        command: &[u8],
        folder: &Path,
        features: Features,
        redactor: &Redactor,
    ) -> Result<Status, Failure> {
        let output = Output::locate(self.environment, self.sequence, folder);
        let files = output.create().map_err(|(path, error)| {
            let code = if path == output.stdout { codes::NO_STDOUT } else { codes::NO_STDERR };
            Failure::new(code, format!("cannot create {}: {error}; check free space", path.display()))
        })?;
        // read from a file, because an argument is readable by every process of the machine
        let file = self.data.run_file(self.sequence, "command");
        let system = |error: std::io::Error| {
            Failure::new(codes::SYSTEM, format!("the machine refuses: {error}; check free space"))
        };
        atomic::write(&file, command, 0o400, Durability::Ordinary).map_err(system)?;
        let (stdout, stderr) = files.streams().map_err(system)?;
        let mut shell = Command::new("/bin/sh");
        shell.arg(&file).current_dir(folder).stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        complete_environment(&mut shell);
        let job = Job { command: shell, limit: wanted.limit, progress_every: features.progress_every() };
        let bound = Bound::new(&files).map_err(system)?;
        // from here on the command counts as run, whatever happens
        State::Started.write(self.data, self.sequence).map_err(system)?;
        self.log.info("command-started", "");
        let ended = job.run(|elapsed| {
            publish(
                &CustomScript,
                self.environment,
                self.sequence,
                &report::running(elapsed, &files, redactor),
                self.log,
            );
        });
        drop(bound);
        let _ = fs::remove_file(&file);
        if wanted.protected_task && matches!(wanted.task, Task::Script(_)) {
            let _ = fs::remove_file(folder.join("script.sh"));
        }
        let ending = ended.map_err(|error| Failure::new(codes::NOT_STARTED, format!("cannot run /bin/sh: {error}")))?;
        self.log.info("command-ended", format!("{ending:?}"));
        let hint = hint(ending, folder);
        Ok(report::ended(ending, wanted.limit, &files, redactor, hint))
    }
}

fn write_script(path: &Path, script: &[u8]) -> Result<(), Failure> {
    let write = || {
        atomic::write(path, script, 0o600, Durability::Ordinary)?;
        fs::set_permissions(path, Permissions::from_mode(0o500))
    };
    write().map_err(|error| Failure::new(codes::SYSTEM, format!("cannot write script.sh: {error}; check free space")))
}

/// Services are started with next to no environment; scripts expect at least a search path and a home.
fn complete_environment(command: &mut Command) {
    if std::env::var_os("PATH").is_none() {
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }
    if std::env::var_os("HOME").is_none() && rustix::process::geteuid().is_root() {
        command.env("HOME", "/root");
    }
}

/// What the shell's own exit codes mean, for people who have not met them.
fn hint(ending: Ending, folder: &Path) -> Option<&'static str> {
    match ending {
        Ending::Exited(126) if is_noexec(folder) => Some(
            "programs may not be run from the download folder: its file system is mounted noexec; begin the command with an interpreter, as in `sh ./file.sh`",
        ),
        Ending::Exited(126) => Some("the shell found the command but may not run it"),
        Ending::Exited(127) => Some(
            "the shell did not find the command; files from fileUris are in the working folder, run them as `./name`",
        ),
        _ => None,
    }
}

fn is_noexec(folder: &Path) -> bool {
    rustix::fs::statvfs(folder).is_ok_and(|data| data.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
}
