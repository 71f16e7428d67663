//! A control on a fresh SQLite database, a clock to set, a package to install, and a machine to play.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use control::{
    Clock, Context, Control, ControlConfig, EnrolRequest, RunBatch, RunRecord, StatusDocument, SystemIds,
    compute::NoCompute,
};
use domain::{
    actor::{Actor, Role},
    extension::{ExtensionForm, ProtectedChange, PutExtension},
    generation::{Incarnation, SequenceNumber},
    guest_agent::AgentKind,
    ids::{OperationId, VmId},
    name::ExtensionName,
    operation::{OperationDetail, StepName, StepPhase},
    portal::OperationCalls,
    run_output::{OutputEntry, Stream},
    scope::Grant,
    secret::Secret,
    status::{ExtensionResult, HandlerReport, StatusWord, Substatus},
    timestamp::Timestamp,
    vm::OsInfo,
};
use serde_json::{Value, json};
use store::Store;
use tokio_util::sync::CancellationToken;

/// A clock that stands still until it is moved, or set.
pub struct TestClock {
    shown: AtomicI64,
    passed: AtomicI64,
}

impl TestClock {
    fn new() -> Arc<Self> {
        Arc::new(Self { shown: AtomicI64::new(1_800_000_000_000), passed: AtomicI64::new(1_000_000) })
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.shown.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        Duration::from_millis(self.passed.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Everything a test needs.
pub struct Fixture {
    pub control: Control,
    pub clock: Arc<TestClock>,
    pub url: String,
    folder: Arc<tempfile::TempDir>,
}

pub const HANDLER: &str = "Test.Extensions.Script";

impl Fixture {
    pub async fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let url = format!("sqlite://{}", folder.path().join("annex.db").display());
        Self::on(url, folder, TestClock::new()).await
    }

    /// On a database of the test's own choice.
    pub async fn on_url(url: String) -> Self {
        Self::on(url, Arc::new(tempfile::tempdir().unwrap()), TestClock::new()).await
    }

    /// Another control on the same database and keys: a restart, or a second process.
    pub async fn again(&self) -> Self {
        Self::on(self.url.clone(), self.folder.clone(), self.clock.clone()).await
    }

    async fn on(url: String, folder: Arc<tempfile::TempDir>, clock: Arc<TestClock>) -> Self {
        let store = Store::open(&url).await.unwrap();
        store.migrate().await.unwrap();
        let config = ControlConfig {
            keys_dir: folder.path().join("keys"),
            server_url: "https://portal.test".into(),
            version: "0".into(),
            authority: None,
            api_url: None,
            api_authority: None,
            agent_programs: Vec::new(),
        };
        let context = Context { clock: clock.clone(), ids: Arc::new(SystemIds) };
        let control = Control::open(store, config, context, Arc::new(NoCompute), CancellationToken::new()).unwrap();
        Self { control, clock, url, folder }
    }

    /// Time goes by.
    pub fn pass(&self, millis: i64) {
        self.clock.shown.fetch_add(millis, Ordering::SeqCst);
        self.clock.passed.fetch_add(millis, Ordering::SeqCst);
    }

    /// Somebody sets the clock: forward, or back when negative.
    pub fn jump(&self, millis: i64) {
        self.clock.shown.fetch_add(millis, Ordering::SeqCst);
    }

    /// Publishes `Test.Extensions.Script` in a version.
    pub async fn publish(&self, version: &str) {
        let zip = package(version, |_| {});
        self.control.image_publish(&owner(), Bytes::from(zip)).await.map_err(|e| e.into_fault()).unwrap();
    }

    /// Enrols a machine.
    pub async fn machine(&self, name: &str) -> Machine {
        let offer = domain::portal::VmCalls::enrolment_offer(&self.control, &owner(), name.into(), 10).await.unwrap();
        let enrolled =
            self.control.enrol(enrol_request(&offer.token), "10.0.0.1").await.map_err(|e| e.into_fault()).unwrap();
        Machine { control: self.control.clone(), id: enrolled.vm_id, credential: enrolled.credential }
    }

    pub fn put(&self, vm: VmId, settings: Value) -> PutExtension {
        PutExtension {
            options: None,
            targets: vec![vm],
            name: name(),
            publisher: "Test.Extensions".parse().unwrap(),
            extension_type: "Script".parse().unwrap(),
            version: None,
            settings,
            protected: ProtectedChange::Keep,
            provision_after: None,
            force_run: false,
            if_match: None,
        }
    }

    /// Installs with a command and returns the operation.
    pub async fn install(&self, vm: VmId, command: &str) -> OperationId {
        let put = self.put(vm, json!({ "commandToExecute": command }));
        self.control.put_extension(&owner(), put).await.map_err(|e| e.into_fault()).unwrap()
    }

    pub async fn operation(&self, id: OperationId) -> OperationDetail {
        self.control.operation_get(&owner(), id).await.unwrap()
    }
}

pub fn owner() -> Actor {
    Actor { name: "ana".into(), ..Actor::system() }
}

/// Somebody with a role everywhere.
pub fn having(name: &str, role: Role) -> Actor {
    Actor { grants: vec![Grant::everywhere(role)], ..Actor::nobody(name) }
}

pub fn name() -> ExtensionName {
    "Script".parse().unwrap()
}

pub fn form() -> ExtensionForm {
    ExtensionForm { publisher: "Test.Extensions".into(), extension_type: "Script".into(), ..ExtensionForm::default() }
}

pub fn enrol_request(token: &str) -> EnrolRequest {
    EnrolRequest {
        token: Secret::new(token),
        machine_id: "m".into(),
        hostname: "host-1".into(),
        os: OsInfo { id: "debian".into(), version: "12".into(), pretty_name: "Debian 12".into() },
        architecture: "x86_64".into(),
        agent_kind: AgentKind::Native,
        agent_version: "0.1.0".into(),
        certificate_der: vec![1, 2, 3],
    }
}

/// A zip of the package; `change` may alter its files before they are packed.
pub fn package(version: &str, change: impl FnOnce(&mut Vec<(String, String)>)) -> Vec<u8> {
    let command = json!({"type": "string", "title": "Command", "minLength": 1});
    let image = json!({
        "publisher": "Test.Extensions", "type": "Script", "version": version, "title": "Test Script",
        "os": ["linux"], "architectures": ["x86_64"],
        "publicSettingsSchema": {
            "type": "object", "additionalProperties": false, "x-annex-exactlyOneOf": [["commandToExecute"]],
            "properties": {"commandToExecute": command, "times": {"type": "integer", "minimum": 1}},
        },
        "protectedSettingsSchema": {
            "type": "object", "additionalProperties": false,
            "properties": {"commandToExecute": command, "password": {"type": "string", "minLength": 4}},
        },
    });
    let commands = json!({
        "installCommand": "run.sh install", "enableCommand": "run.sh enable", "updateCommand": "run.sh update",
        "disableCommand": "run.sh disable", "uninstallCommand": "run.sh uninstall",
    });
    let mut files = vec![
        ("HandlerManifest.json".to_owned(), json!([{"version": 1.0, "handlerManifest": commands}]).to_string()),
        ("ExtensionImage.json".to_owned(), image.to_string()),
        ("run.sh".to_owned(), "#!/bin/sh\n".to_owned()),
    ];
    change(&mut files);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in files {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A machine that a test plays.
pub struct Machine {
    pub control: Control,
    pub id: VmId,
    pub credential: Secret,
}

impl Machine {
    /// Fetches the goal state; returns its number.
    pub async fn fetch(&self) -> Incarnation {
        self.control.wanted(self.id).await.map_err(|e| e.into_fault()).unwrap().incarnation
    }

    /// Sends records of the run at a goal state, numbered from `first`; returns the number that is wanted next.
    pub async fn records(&self, incarnation: Incarnation, first: u64, entries: Vec<OutputEntry>) -> u64 {
        let at = Timestamp::from_millis(1_800_000_000_500);
        let records = entries.into_iter().zip(first..).map(|(entry, n)| RunRecord { n, at, entry }).collect();
        let batch = RunBatch { incarnation, handler: HANDLER.into(), extension: "Script".into(), records };
        let acks = self.control.records_put(self.id, None, vec![batch]).await.map_err(|e| e.into_fault()).unwrap();
        acks[0].next
    }

    /// Reports a result for a sequence number as of a goal state.
    pub async fn report(&self, incarnation: Incarnation, sequence: i64, status: StatusWord, exit_code: i64) {
        self.report_version(incarnation, sequence, status, exit_code, "1.0.0").await;
    }

    pub async fn report_version(
        &self,
        incarnation: Incarnation,
        sequence: i64,
        status: StatusWord,
        exit_code: i64,
        version: &str,
    ) {
        let part = |name: &str, message: String| Substatus { name: name.into(), status, code: 0, message };
        let report = HandlerReport {
            incarnation: Some(incarnation),
            version: Some(version.parse().unwrap()),
            state: "Ready".into(),
            code: 0,
            message: "Plugin enabled".into(),
            result: Some(ExtensionResult {
                sequence_number: SequenceNumber::new(sequence),
                status,
                code: exit_code,
                operation: "Enable".into(),
                message: format!("ended with {exit_code}"),
                substatuses: vec![
                    part("StdOut", format!("out {sequence}")),
                    part("StdErr", "err".into()),
                    part("ExitCode", exit_code.to_string()),
                ],
            }),
            received_at: Timestamp::default(),
        };
        self.document(incarnation, vec![(HANDLER.into(), None, report)]).await;
    }

    /// Sends a status document.
    pub async fn document(&self, incarnation: Incarnation, handlers: Vec<(String, Option<String>, HandlerReport)>) {
        let document = StatusDocument { incarnation: Some(incarnation), handlers, ..StatusDocument::default() };
        self.control.status_put(self.id, document).await.map_err(|e| e.into_fault()).unwrap();
    }
}

pub fn line(text: &str) -> OutputEntry {
    OutputEntry::Line { stream: Stream::Stdout, text: text.into() }
}

pub fn step(step: StepName, phase: StepPhase) -> OutputEntry {
    OutputEntry::Step { step, phase, duration_ms: Some(7), detail: None }
}

impl Fixture {
    pub fn control_now(&self) -> Timestamp {
        self.clock.now()
    }
}
