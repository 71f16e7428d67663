//! A machine's folders, an agent's side of the contract, and ways to wait.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub const NAME: &str = "Annex.Extensions.ApplicationHealth";

/// Waits until `question` has an answer.
pub fn wait_for<T>(what: &str, mut question: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(40);
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub fn is_running(process: i32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

pub fn kill(signal: &str, process: i32) {
    // it may be gone already
    let _ = Command::new("kill").args([format!("-{signal}"), process.to_string()]).stderr(Stdio::null()).status();
}

/// The folders of one machine; what still probes when it goes is ended.
pub struct Machine {
    pub folder: tempfile::TempDir,
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(process) = self.prober() {
            kill("KILL", process);
        }
    }
}

impl Machine {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("lib/application-health")
    }

    pub fn log_file(&self) -> PathBuf {
        self.folder.path().join("log/handler.log")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Who probes now.
    pub fn prober(&self) -> Option<i32> {
        let text = fs::read(self.data().join("probe.holder")).ok()?;
        let process = serde_json::from_slice::<Value>(&text).ok()?["process"].as_i64()?;
        i32::try_from(process).ok().filter(|process| is_running(*process))
    }

    /// Unpacks the package as an agent does, as `version`.
    pub fn unpack(&self, version: &str) -> Package<'_> {
        let root = self.folder.path().join(format!("lib/{NAME}-{version}"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("package/1.0.0");
        for folder in ["bin", "config", "status"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["HandlerManifest.json", "ExtensionImage.json"] {
            fs::copy(source.join(file), root.join(file)).unwrap();
        }
        let program = root.join("bin/application-health");
        if fs::hard_link(env!("CARGO_BIN_EXE_application-health"), &program).is_err() {
            fs::copy(env!("CARGO_BIN_EXE_application-health"), &program).unwrap();
        }
        let folders = json!({
            "logFolder": self.folder.path().join("log"),
            "configFolder": root.join("config"),
            "statusFolder": root.join("status"),
            "heartbeatFile": root.join("heartbeat.log"),
        });
        let document = json!([{"name": NAME, "version": 1.0, "handlerEnvironment": folders}]);
        fs::write(root.join("HandlerEnvironment.json"), document.to_string()).unwrap();
        Package { machine: self, root }
    }
}

/// One unpacked version on a machine.
pub struct Package<'a> {
    pub machine: &'a Machine,
    pub root: PathBuf,
}

impl Package<'_> {
    pub fn settings(&self, number: u64, public: Value) {
        let document = json!({"runtimeSettings": [{"handlerSettings": {"publicSettings": public}}]});
        fs::write(self.root.join(format!("config/{number}.settings")), document.to_string()).unwrap();
    }

    pub fn call(&self, command: &str, number: u64) -> Output {
        Command::new("/bin/sh")
            .args(["-c", &format!("bin/application-health {command}")])
            .current_dir(&self.root)
            .env("ConfigSequenceNumber", number.to_string())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    pub fn must(&self, command: &str, number: u64) {
        let output = self.call(command, number);
        assert!(output.status.success(), "{command}: {output:?}\n{}", self.machine.log());
    }

    /// Settings, install, enable.
    pub fn start(&self, number: u64, public: Value) {
        self.settings(number, public);
        self.must("install", number);
        self.must("enable", number);
    }

    pub fn status(&self, number: u64) -> Option<Value> {
        let text = fs::read(self.root.join(format!("status/{number}.status"))).ok()?;
        serde_json::from_slice::<Value>(&text).ok().map(|document| document[0]["status"].clone())
    }

    /// Waits until the status of `number` shows this health, and returns it.
    pub fn shows(&self, number: u64, health: &str) -> Value {
        wait_for(&format!("{health}\n{}", self.machine.log()), || {
            self.status(number).filter(|status| status["substatus"][1]["formattedMessage"]["message"] == health)
        })
    }

    pub fn heartbeat(&self) -> Value {
        let text = fs::read(self.root.join("heartbeat.log")).unwrap();
        serde_json::from_slice::<Value>(&text).unwrap()[0]["heartbeat"].clone()
    }
}
