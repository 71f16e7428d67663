//! A machine with the real agent's life cycle on it, and a shelf of packed packages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agent::handler::{
    Limits, Options, PackageSource, Places, SINGLE, SourceError, Supervisor, Verdict, Version, Wanted, WantedExtension,
    WantedHandler, Wish,
};
use agent::journal::Journals;
use agent_protocol::{Entry, ExtensionStatus, HandlerStatus};
use async_trait::async_trait;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// Packed packages by version.
struct Shelf(Mutex<BTreeMap<String, PathBuf>>);

#[async_trait]
impl PackageSource for Shelf {
    async fn resolve(&self, handler: &WantedHandler) -> Result<Version, SourceError> {
        Ok(handler.version.clone())
    }

    async fn download(&self, _: &WantedHandler, version: &Version, into: &Path) -> Result<u64, SourceError> {
        let from = self.0.lock().unwrap()[version.as_str()].clone();
        fs::copy(from, into).map_err(|error| SourceError::Package { message: error.to_string(), transient: false })
    }

    async fn verify(&self, _: &WantedHandler, _: &Version, _: &Path) -> Result<(), SourceError> {
        Ok(())
    }
}

/// The machine; whatever a handler left running in it is the test's to end.
pub struct Machine {
    pub folder: tempfile::TempDir,
    name: &'static str,
    shelf: Arc<Shelf>,
    agent: Option<(tokio::runtime::Runtime, Supervisor, Journals)>,
    incarnation: u64,
}

impl Machine {
    /// A machine that can get `versions` of the package in `package_folder`, with `program` in it.
    pub fn new(name: &'static str, package_folder: &Path, program: &str, versions: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Arc::new(Shelf(Mutex::default()));
        for version in versions {
            let zip = folder.path().join(format!("{version}.zip"));
            handler_sdk::pack::pack(&package_folder.join(version), Path::new(program), &zip).unwrap();
            shelf.0.lock().unwrap().insert((*version).to_owned(), zip);
        }
        let mut machine = Self { folder, name, shelf, agent: None, incarnation: 0 };
        machine.start_agent();
        machine
    }

    pub fn library(&self) -> PathBuf {
        self.folder.path().join("lib")
    }

    pub fn start_agent(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let _inside = runtime.enter();
        let journals = Journals::open(&self.folder.path().join("journal")).unwrap();
        let at = |name: &str| self.folder.path().join(name);
        let places = Places { library: self.library(), logs: at("log"), state: at("state") };
        let options = Options { server_address: "203.0.113.7:80".into(), limits: Limits::default() };
        let source = Arc::clone(&self.shelf) as Arc<dyn PackageSource>;
        let supervisor = Supervisor::start(places, source, journals.clone(), options).unwrap();
        drop(_inside);
        self.agent = Some((runtime, supervisor, journals));
    }

    /// Ends the agent without any farewell.
    pub fn kill_agent(&mut self) {
        if let Some((runtime, supervisor, journals)) = self.agent.take() {
            drop((supervisor, journals));
            runtime.shutdown_timeout(Duration::from_millis(500));
        }
    }

    /// Asks for a version with settings, as the next goal state; answers its number.
    pub fn want(&mut self, version: &str, sequence: u64, public: &Value) -> u64 {
        self.apply(version, Wish::Enabled, sequence, public)
    }

    /// Asks for removal.
    pub fn remove(&mut self, version: &str, sequence: u64) -> u64 {
        self.apply(version, Wish::Uninstalled, sequence, &json!({}))
    }

    fn apply(&mut self, version: &str, wish: Wish, sequence: u64, public: &Value) -> u64 {
        self.apply_all(version, wish, vec![instance(SINGLE, sequence, public)])
    }

    /// Asks for these instances, of which several have names; answers the goal state's number.
    pub fn apply_all(&mut self, version: &str, wish: Wish, extensions: Vec<WantedExtension>) -> u64 {
        self.incarnation += 1;
        let handler = WantedHandler {
            name: self.name.into(),
            version: version.parse().unwrap(),
            wish,
            multi: extensions.iter().any(|extension| extension.key != SINGLE),
            locations: Vec::new(),
            extensions,
            fault: None,
        };
        let (_, supervisor, _) = self.agent.as_ref().unwrap();
        supervisor.apply(Wanted { incarnation: self.incarnation, verdict: Verdict::Process, handlers: vec![handler] });
        self.incarnation
    }

    pub fn handler(&self) -> Option<HandlerStatus> {
        self.handlers().into_iter().next()
    }

    /// What the agent reports, one element for each instance.
    pub fn handlers(&self) -> Vec<HandlerStatus> {
        let (_, supervisor, _) = self.agent.as_ref().unwrap();
        supervisor.snapshot().handlers
    }

    /// The extension's status, when it is about `version` and `sequence`.
    pub fn status(&self, version: &str, sequence: u64) -> Option<ExtensionStatus> {
        let handler = self.handler().filter(|handler| handler.handler_version == version)?;
        let settings = handler.runtime_settings_status.filter(|settings| settings.sequence_number == Some(sequence))?;
        settings.settings_status.map(|status| status.status)
    }

    /// Waits for the final status of `version` with settings `sequence`.
    pub fn outcome(&self, version: &str, sequence: u64) -> ExtensionStatus {
        self.until("the outcome", || {
            let is_ready = self.handler().is_some_and(|handler| handler.status == "Ready");
            self.status(version, sequence).filter(|status| is_ready && status.status.is_terminal())
        })
    }

    /// The lines of a goal state's run, such as `stdout hello`.
    pub fn lines(&self, incarnation: u64) -> Vec<String> {
        let (_, _, journals) = self.agent.as_ref().unwrap();
        let runs = journals.pending(64 << 20);
        let records = runs.into_iter().filter(|run| run.key.incarnation == incarnation).flat_map(|run| run.records);
        records
            .filter_map(|record| match record.entry {
                Entry::Line(line) => {
                    Some(format!("{} {}", serde_json::to_value(line.stream).unwrap().as_str().unwrap(), line.text))
                }
                _ => None,
            })
            .collect()
    }

    pub fn until<T>(&self, what: &str, mut question: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = question() {
                return answer;
            }
            assert!(Instant::now() < deadline, "waited in vain for {what}: {:#?}", self.handler());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// An instance that is wanted with these settings.
pub fn instance(key: &str, sequence: u64, public: &Value) -> WantedExtension {
    let settings = json!({"runtimeSettings": [{"handlerSettings": {"publicSettings": public}}]});
    WantedExtension {
        key: key.into(),
        name: "it".into(),
        sequence,
        settings: Some(settings.to_string()),
        enabled: true,
        level: 0,
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.kill_agent();
    }
}
