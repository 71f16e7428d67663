//! A machine in a temporary folder: packages made of shell scripts, a package source, and eyes on what happened.
//!
//! Every command of a package appends a line to `calls`, keeps its variables in `env.<command>.<version>`, and then
//! reads `<command>.do` from the control folder, where a test can say what else it should do.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agent::handler::{
    Limits, Options, PackageSource, Places, SINGLE, Snapshot, SourceError, Supervisor, Verdict, Version, Wanted,
    WantedExtension, WantedHandler, Wish,
};
use agent::journal::Journals;
use agent_protocol::{Entry, HandlerStatus, Record, StatusLevel, StepName, StepPhase};
use async_trait::async_trait;
use zip::write::SimpleFileOptions;

/// The handler that all tests use.
pub const NAME: &str = "Test.Probe";
/// How long anything may take before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What the manifest says beyond the commands.
#[derive(Clone, Copy, Default)]
pub struct Manifest {
    pub multi: bool,
    pub without_install: bool,
    pub continue_on_failure: bool,
    pub heartbeat: bool,
}

/// Packages by version.
#[derive(Default)]
pub struct Shelf {
    packages: Mutex<BTreeMap<String, PathBuf>>,
    pub downloads: AtomicUsize,
    pub transient_failures: AtomicUsize,
    pub refuse: Mutex<Option<String>>,
}

#[async_trait]
impl PackageSource for Shelf {
    async fn resolve(&self, handler: &WantedHandler) -> Result<Version, SourceError> {
        let packages = self.packages.lock().unwrap();
        let versions = packages.keys().map(|version| version.parse::<Version>().unwrap());
        let fitting = versions.filter(|version| handler.version.selects(version)).max();
        fitting.ok_or_else(|| SourceError::Unlisted(format!("Unable to find version {} in manifest", handler.version)))
    }

    async fn download(&self, _: &WantedHandler, version: &Version, into: &Path) -> Result<u64, SourceError> {
        self.downloads.fetch_add(1, Ordering::SeqCst);
        if self.transient_failures.load(Ordering::SeqCst) > 0 {
            self.transient_failures.fetch_sub(1, Ordering::SeqCst);
            return Err(SourceError::Package { message: "the server answered 503".into(), transient: true });
        }
        let from = self.packages.lock().unwrap()[version.as_str()].clone();
        fs::copy(from, into).map_err(|error| SourceError::Package { message: error.to_string(), transient: false })
    }

    async fn verify(&self, _: &WantedHandler, _: &Version, _: &Path) -> Result<(), SourceError> {
        self.refuse.lock().unwrap().clone().map_or(Ok(()), |reason| Err(SourceError::Refused(reason)))
    }
}

/// The machine.
pub struct Rig {
    pub folder: PathBuf,
    _temporary: Option<tempfile::TempDir>,
    pub places: Places,
    pub shelf: Arc<Shelf>,
    pub limits: Limits,
    /// The agent's own, so that ending it ends everything that a killed process would take with it.
    runtime: Option<tokio::runtime::Runtime>,
    supervisor: Option<Supervisor>,
    journals: Option<Journals>,
    incarnation: u64,
}

impl Rig {
    pub fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut rig = Self::at(temporary.path().to_owned());
        rig._temporary = Some(temporary);
        rig
    }

    pub fn at(folder: PathBuf) -> Self {
        let places = Places { library: folder.join("lib"), logs: folder.join("log"), state: folder.join("state") };
        for part in ["control", "packages"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let limits = Limits { fetch_pauses: vec![Duration::from_millis(1); 3], ..Limits::default() };
        let shelf = Arc::new(Shelf::default());
        Self {
            folder,
            _temporary: None,
            places,
            shelf,
            limits,
            runtime: None,
            supervisor: None,
            journals: None,
            incarnation: 0,
        }
    }

    /// A rig with packages 1.0.0 and 1.1.0 and the agent running.
    pub fn started() -> Self {
        let mut rig = Self::new();
        rig.publish("1.0.0", Manifest::default());
        rig.publish("1.1.0", Manifest::default());
        rig.start();
        rig
    }

    pub fn start(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let inside = runtime.enter();
        let journals = Journals::open(&self.folder.join("journal")).unwrap();
        let options = Options { server_address: "203.0.113.7:8080".into(), limits: self.limits.clone() };
        let source = Arc::clone(&self.shelf) as Arc<dyn PackageSource>;
        self.supervisor = Some(Supervisor::start(self.places.clone(), source, journals.clone(), options).unwrap());
        self.journals = Some(journals);
        drop(inside);
        self.runtime = Some(runtime);
    }

    /// Ends the agent without any farewell.
    pub fn stop(&mut self) {
        self.supervisor = None;
        self.journals = None;
        if let Some(runtime) = self.runtime.take() {
            // Nothing of the old life may still be at work when the next begins; only a thread that waits for a lock may.
            let ended = std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_millis(500)));
            ended.join().unwrap();
        }
    }

    pub fn restart(&mut self) {
        self.stop();
        self.start();
    }

    pub fn supervisor(&self) -> &Supervisor {
        self.supervisor.as_ref().unwrap()
    }

    pub fn home(&self, version: &str) -> PathBuf {
        self.places.library.join(format!("{NAME}-{version}"))
    }

    // ---- packages ----

    pub fn publish(&self, version: &str, manifest: Manifest) {
        let path = self.folder.join("packages").join(format!("{version}.zip"));
        let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        let plain = SimpleFileOptions::default();
        zip.start_file("HandlerManifest.json", plain).unwrap();
        zip.write_all(&manifest_text(manifest)).unwrap();
        zip.start_file("bin/h.sh", plain.unix_permissions(0o644)).unwrap();
        zip.write_all(self.script().as_bytes()).unwrap();
        zip.finish().unwrap();
        self.shelve(version, path);
    }

    pub fn shelve(&self, version: &str, path: PathBuf) {
        self.shelf.packages.lock().unwrap().insert(version.into(), path);
    }

    pub fn unshelve(&self, version: &str) {
        self.shelf.packages.lock().unwrap().remove(version);
    }

    fn script(&self) -> String {
        let control = self.folder.join("control");
        format!(
            r#"#!/bin/sh
control='{control}'
version="$AZURE_GUEST_AGENT_EXTENSION_VERSION"
seq="$ConfigSequenceNumber"
name="${{ConfigExtensionName:-}}"
prefix="${{name:+$name.}}"
echo "$1 $version${{name:+ $name}} $seq" >> "$control/calls"
env > "$control/env.$1.$version"
write_status() {{
  printf '[{{"version":1.0,"timestampUTC":"2026-01-02T03:04:05Z","status":{{"name":"p","operation":"Enable","status":"%s","code":%s,"formattedMessage":{{"lang":"en","message":"%s"}},"substatus":[]}}}}]' "$1" "$2" "$3" > "status/$prefix$seq.tmp"
  mv "status/$prefix$seq.tmp" "status/$prefix$seq.status"
}}
no_status=
if [ -f "$control/$1.do" ]; then . "$control/$1.do"; fi
if [ "$1" = enable ] && [ -z "$no_status" ]; then write_status success 0 "enabled $seq"; fi
exit 0
"#,
            control = control.display()
        )
    }

    /// What a command does besides being noted: a piece of shell.
    pub fn script_does(&self, command: &str, what: &str) {
        let path = self.folder.join("control").join(format!("{command}.do"));
        let beside = path.with_extension("new");
        fs::write(&beside, what).unwrap();
        fs::rename(beside, path).unwrap();
    }

    // ---- what happened ----

    pub fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("control/calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub fn forget_calls(&self) {
        let _ = fs::remove_file(self.folder.join("control/calls"));
    }

    pub fn variable(&self, command: &str, version: &str, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.folder.join(format!("control/env.{command}.{version}"))).unwrap();
        text.lines().find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned))
    }

    pub fn snapshot(&self) -> Snapshot {
        self.supervisor().snapshot()
    }

    pub fn handlers(&self) -> Vec<HandlerStatus> {
        self.snapshot().handlers
    }

    pub fn handler(&self) -> HandlerStatus {
        let mut handlers = self.handlers();
        assert_eq!(handlers.len(), 1, "{handlers:#?}");
        handlers.remove(0)
    }

    /// Status, code and sequence number of the only instance.
    pub fn extension(&self) -> (StatusLevel, i64, String) {
        of(&self.handler())
    }

    /// Everything recorded about a run that was not acknowledged.
    pub fn records(&self, incarnation: u64, extension: &str) -> Vec<Record> {
        let pending = self.journals.as_ref().unwrap().pending(64 << 20);
        let run = pending.into_iter().find(|run| run.key.incarnation == incarnation && run.key.extension == extension);
        run.map(|run| run.records).unwrap_or_default()
    }

    /// The ended steps of a run, such as `installed done`.
    pub fn steps(&self, incarnation: u64, extension: &str) -> Vec<String> {
        let ended = |record: Record| match record.entry {
            Entry::Step(step) if step.phase != StepPhase::Started => {
                Some(format!("{} {}", word(&step.name), word(&step.phase)))
            }
            _ => None,
        };
        self.records(incarnation, extension).into_iter().filter_map(ended).collect()
    }

    /// The lines of a run, such as `stdout hello`.
    pub fn lines(&self, incarnation: u64, extension: &str) -> Vec<String> {
        let line = |record: Record| match record.entry {
            Entry::Line(line) => Some(format!("{} {}", word(&line.stream), line.text)),
            _ => None,
        };
        self.records(incarnation, extension).into_iter().filter_map(line).collect()
    }

    pub fn has_step(&self, incarnation: u64, name: StepName, phase: StepPhase) -> bool {
        let is =
            |record: &Record| matches!(&record.entry, Entry::Step(step) if step.name == name && step.phase == phase);
        self.records(incarnation, NAME).iter().any(is)
    }

    // ---- goal states ----

    /// Hands over a goal state with the next number, and returns the number.
    pub fn apply(&mut self, handlers: Vec<WantedHandler>) -> u64 {
        self.incarnation += 1;
        self.apply_as(self.incarnation, handlers);
        self.incarnation
    }

    pub fn apply_as(&mut self, incarnation: u64, handlers: Vec<WantedHandler>) {
        self.incarnation = incarnation;
        self.supervisor().apply(Wanted { incarnation, verdict: Verdict::Process, handlers });
    }

    /// Hands over a goal state and waits until every step of it was taken.
    pub async fn go(&mut self, handlers: Vec<WantedHandler>) -> u64 {
        let incarnation = self.apply(handlers);
        self.settled(incarnation).await;
        incarnation
    }

    pub async fn settled(&self, incarnation: u64) {
        self.until("the goal state is settled", |rig| {
            let snapshot = rig.snapshot();
            snapshot.settled && snapshot.goal_state.is_some_and(|state| state.in_svd_seq_no == incarnation.to_string())
        })
        .await;
    }

    /// Waits for a condition that can only change when the report or a run changes.
    pub async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut changes = self.supervisor().changes();
        let journals = self.journals.clone().unwrap();
        while !condition(self) {
            assert!(
                Instant::now() < deadline,
                "waited in vain until {what}: {:#?}\n{:#?}",
                self.snapshot(),
                self.calls()
            );
            tokio::select! {
                _ = changes.changed() => {}
                () = journals.changed() => {}
                // Files that scripts write are no part of the report: look again now and then, up to the deadline.
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Status, code and message of an element's instance.
pub fn of(handler: &HandlerStatus) -> (StatusLevel, i64, String) {
    let settings = handler.runtime_settings_status.clone().expect("a runtime settings status");
    let status = settings.settings_status.unwrap().status;
    (status.status, status.code, status.formatted_message.message)
}

pub fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

pub fn manifest_text(manifest: Manifest) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!([{
        "version": 1.0,
        "handlerManifest": {
            "installCommand": "bin/h.sh install",
            "enableCommand": "/bin/h.sh  enable",
            "updateCommand": "bin/h.sh update",
            "disableCommand": "./bin/h.sh disable",
            "uninstallCommand": "bin/h.sh uninstall",
            "reportHeartbeat": manifest.heartbeat,
            "updateMode": if manifest.without_install { "updatewithoutinstall" } else { "UpdateWithInstall" },
            "continueOnUpdateFailure": manifest.continue_on_failure,
            "supportsMultipleExtensions": manifest.multi,
        }
    }]))
    .unwrap()
}

pub fn settings(text: &str) -> String {
    format!(r#"{{"runtimeSettings":[{{"handlerSettings":{{"publicSettings":{{"say":"{text}"}}}}}}]}}"#)
}

/// The single-config handler at a version, with settings of this number.
pub fn probe(version: &str, sequence: u64) -> WantedHandler {
    named(version, &[(SINGLE, sequence, 0)])
}

/// A handler with instances (name, number, level).
pub fn named(version: &str, extensions: &[(&str, u64, u32)]) -> WantedHandler {
    let extension = |(key, sequence, level): &(&str, u64, u32)| WantedExtension {
        key: (*key).into(),
        name: if key.is_empty() { NAME.into() } else { (*key).into() },
        sequence: *sequence,
        settings: Some(settings("hi")),
        enabled: true,
        level: *level,
    };
    WantedHandler {
        name: NAME.into(),
        version: version.parse().unwrap(),
        wish: Wish::Enabled,
        multi: extensions.iter().any(|(key, ..)| !key.is_empty()),
        locations: Vec::new(),
        extensions: extensions.iter().map(extension).collect(),
        fault: None,
    }
}

pub fn with(wish: Wish, handler: WantedHandler) -> WantedHandler {
    WantedHandler { wish, ..handler }
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Whether a process is there and no zombie.
pub fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
