//! An agent's side of the contract, and programs of the machine that note what they are asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub const NAME: &str = "Annex.Extensions.VMAccess";

/// The unpacked package, and a folder of programs that come before the machine's own.
pub struct Machine {
    pub folder: tempfile::TempDir,
    pub root: PathBuf,
}

impl Machine {
    /// A machine with the package installed.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join(format!("lib/{NAME}-1.0.0"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("package/1.0.0");
        for part in ["bin", "config", "status"] {
            fs::create_dir_all(root.join(part)).unwrap();
        }
        fs::create_dir(folder.path().join("programs")).unwrap();
        for file in ["HandlerManifest.json", "ExtensionImage.json", "sshd_config"] {
            fs::copy(source.join(file), root.join(file)).unwrap();
        }
        fs::copy(env!("CARGO_BIN_EXE_vm-access"), root.join("bin/vm-access")).unwrap();
        let folders = json!({
            "logFolder": folder.path().join("log"),
            "configFolder": root.join("config"),
            "statusFolder": root.join("status"),
            "heartbeatFile": root.join("heartbeat.log"),
        });
        let document = json!([{"name": NAME, "version": 1.0, "handlerEnvironment": folders}]);
        fs::write(root.join("HandlerEnvironment.json"), document.to_string()).unwrap();
        Self { folder, root }
    }

    /// A program of the machine, as a shell script.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.folder.path().join("programs").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn noted(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub fn log(&self) -> String {
        self.noted("log/handler.log")
    }

    /// Writes settings whose protected part is sealed for a new key of the machine.
    pub fn settings(&self, number: u64, public: &Value, protected: &Value) {
        let now = agent_protocol::Timestamp::from_unix_ms(1_700_000_000_000);
        let key = agent_protocol::envelope::MachineKey::generate(now).unwrap();
        fs::write(self.root.join(format!("../{}.prv", key.thumbprint())), &*key.key_pem).unwrap();
        let sealed = agent_protocol::envelope::seal(&key.certificate_der, protected.to_string().as_bytes()).unwrap();
        let settings = json!({
            "publicSettings": public,
            "protectedSettings": STANDARD.encode(sealed),
            "protectedSettingsCertThumbprint": key.thumbprint(),
        });
        let document = json!({"runtimeSettings": [{"handlerSettings": settings}]});
        fs::write(self.settings_file(number), document.to_string()).unwrap();
    }

    pub fn settings_file(&self, number: u64) -> PathBuf {
        self.root.join(format!("config/{number}.settings"))
    }

    pub fn call(&self, command: &str, number: u64) -> Output {
        let path = format!("{}:{}", self.path("programs").display(), std::env::var("PATH").unwrap_or_default());
        Command::new(self.root.join("bin/vm-access"))
            .arg(command)
            .current_dir(&self.root)
            .env("ConfigSequenceNumber", number.to_string())
            .env("PATH", path)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    pub fn status(&self, number: u64) -> Option<Value> {
        let text = fs::read(self.root.join(format!("status/{number}.status"))).ok()?;
        serde_json::from_slice::<Value>(&text).ok().map(|document| document[0]["status"].clone())
    }

    /// Applies protected settings under this number; the answer is the status.
    pub fn apply(&self, number: u64, protected: &Value) -> Value {
        self.settings(number, &json!({}), protected);
        let output = self.call("enable", number);
        assert!(output.status.success(), "{output:?}\n{}", self.log());
        let left = fs::read_to_string(self.settings_file(number)).unwrap();
        assert!(left.contains("\"protectedSettings\":\"\""), "the settings are still on the disk: {left}");
        self.status(number).unwrap()
    }

    /// Like [`Machine::apply`], which must succeed.
    pub fn must(&self, number: u64, protected: &Value) -> Value {
        let status = self.apply(number, protected);
        assert_eq!(status["status"], "success", "{status}\n{}", self.log());
        status
    }
}

/// What a status says, in full.
pub fn message(status: &Value) -> &str {
    status["formattedMessage"]["message"].as_str().unwrap()
}

/// The text of a part.
pub fn part<'a>(status: &'a Value, name: &str) -> &'a str {
    let parts = status["substatus"].as_array().unwrap();
    let part = parts.iter().find(|part| part["name"] == name).unwrap_or_else(|| panic!("{name} in {status}"));
    part["formattedMessage"]["message"].as_str().unwrap()
}

/// The line of a user in a file such as `/etc/passwd`, cut at its colons.
pub fn entry(file: &str, user: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.split(':').next() == Some(user))?;
    Some(line.split(':').map(ToOwned::to_owned).collect())
}
