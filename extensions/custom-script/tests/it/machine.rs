//! A machine's folders, an agent's side of the contract, and ways to wait.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub const NAME: &str = "Annex.Extensions.CustomScript";
const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until `question` has an answer.
pub fn wait_for<T>(what: &str, mut question: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The folders of one machine.
pub struct Machine {
    pub folder: tempfile::TempDir,
}

/// One unpacked version on a machine.
pub struct Package<'a> {
    pub machine: &'a Machine,
    pub root: PathBuf,
}

impl Machine {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn lib(&self) -> PathBuf {
        self.folder.path().join("lib")
    }

    pub fn data(&self) -> PathBuf {
        self.lib().join("custom-script")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/handler.log")).unwrap_or_default()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Unpacks a version as an agent does.
    pub fn unpack(&self, version: &str) -> Package<'_> {
        let root = self.lib().join(format!("{NAME}-{version}"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("package").join(version);
        for folder in ["bin", "config", "status"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["HandlerManifest.json", "ExtensionImage.json", "features.json"] {
            fs::copy(source.join(file), root.join(file)).unwrap();
        }
        let program = root.join("bin/custom-script");
        if fs::hard_link(env!("CARGO_BIN_EXE_custom-script"), &program).is_err() {
            fs::copy(env!("CARGO_BIN_EXE_custom-script"), &program).unwrap();
        }
        let package = Package { machine: self, root };
        package.write_environment(true);
        package
    }
}

impl Package<'_> {
    pub fn write_environment(&self, with_output: bool) {
        let output = self.machine.path("output");
        self.write_folders(with_output.then_some(output.as_path()));
    }

    pub fn write_environment_with_output(&self, output: &Path) {
        self.write_folders(Some(output));
    }

    fn write_folders(&self, output: Option<&Path>) {
        let mut folders = json!({
            "logFolder": self.machine.path("log"),
            "configFolder": self.root.join("config"),
            "statusFolder": self.root.join("status"),
            "heartbeatFile": self.root.join("heartbeat.log"),
        });
        if let Some(output) = output {
            folders["outputFolder"] = json!(output);
        }
        let document = json!([{"name": NAME, "version": 1.0, "handlerEnvironment": folders}]);
        fs::write(self.root.join("HandlerEnvironment.json"), document.to_string()).unwrap();
    }

    pub fn settings(&self, number: u64, public: Value) {
        self.write_settings(number, json!({"publicSettings": public}));
    }

    /// Settings with a part that is sealed for a new key of the machine.
    pub fn sealed_settings(&self, number: u64, public: Value, protected: Value) {
        let now = agent_protocol::Timestamp::from_unix_ms(1_700_000_000_000);
        let key = agent_protocol::envelope::MachineKey::generate(now).unwrap();
        let lib = self.machine.lib();
        fs::write(lib.join(format!("{}.prv", key.thumbprint())), &*key.key_pem).unwrap();
        let sealed = agent_protocol::envelope::seal(&key.certificate_der, protected.to_string().as_bytes()).unwrap();
        self.write_settings(
            number,
            json!({
                "publicSettings": public,
                "protectedSettings": STANDARD.encode(sealed),
                "protectedSettingsCertThumbprint": key.thumbprint(),
            }),
        );
    }

    fn write_settings(&self, number: u64, settings: Value) {
        let document = json!({"runtimeSettings": [{"handlerSettings": settings}]});
        fs::write(self.root.join(format!("config/{number}.settings")), document.to_string()).unwrap();
    }

    /// Runs one of the manifest's commands to its end.
    pub fn call(&self, command: &str, number: u64) -> Output {
        self.call_with(command, number, &[])
    }

    pub fn call_with(&self, command: &str, number: u64, variables: &[(&str, &str)]) -> Output {
        Command::new("/bin/sh")
            .args(["-c", &format!("bin/custom-script {command}")])
            .current_dir(&self.root)
            .env("ConfigSequenceNumber", number.to_string())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Like [`Package::call`], which must end with exit code 0.
    pub fn must(&self, command: &str, number: u64) {
        let output = self.call(command, number);
        assert!(output.status.success(), "{command}: {output:?}\n{}", self.machine.log());
    }

    pub fn status(&self, number: u64) -> Option<Value> {
        let text = fs::read(self.root.join(format!("status/{number}.status"))).ok()?;
        serde_json::from_slice::<Value>(&text).ok().map(|document| document[0]["status"].clone())
    }

    pub fn final_status(&self, number: u64) -> Value {
        wait_for(&format!("the final status of {number}\n{}", self.machine.log()), || {
            self.status(number).filter(|status| status["status"] == "success" || status["status"] == "error")
        })
    }

    /// Install, enable with these settings, wait.
    pub fn run(&self, number: u64, public: Value) -> Value {
        self.settings(number, public);
        self.must("enable", number);
        self.final_status(number)
    }

    pub fn output(&self, number: u64, stream: &str) -> String {
        fs::read_to_string(self.machine.path(&format!("output/{number}.{stream}"))).unwrap_or_default()
    }

    /// Who runs the settings of this number.
    pub fn runner(&self, number: u64) -> i32 {
        wait_for("the runner", || {
            let text = fs::read(self.machine.data().join(format!("run/{number}.holder"))).ok()?;
            serde_json::from_slice::<Value>(&text).ok()?["process"].as_i64()
        })
        .try_into()
        .unwrap()
    }
}

/// What a status says, in full.
pub fn message(status: &Value) -> &str {
    status["formattedMessage"]["message"].as_str().unwrap()
}

/// Name, code and text of a part.
pub fn part<'a>(status: &'a Value, name: &str) -> (i64, &'a str) {
    let parts = status["substatus"].as_array().unwrap();
    let part = parts.iter().find(|part| part["name"] == name).unwrap_or_else(|| panic!("{name} in {status}"));
    (part["code"].as_i64().unwrap(), part["formattedMessage"]["message"].as_str().unwrap())
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

pub fn is_running(process: i32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// Ends everything in the session of `process` at once, as a power cut does.
pub fn cut_power(process: i32) {
    let session = process.to_string();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let in_session =
            stat.rsplit_once(')').is_some_and(|(_, rest)| rest.split_whitespace().nth(3) == Some(session.as_str()));
        let number = entry.file_name().into_string().unwrap();
        if in_session || number == session {
            kill("KILL", number.parse().unwrap());
        }
    }
    wait_for("the end of the runner", || (!is_running(process)).then_some(()));
}

pub fn kill(signal: &str, process: i32) {
    // it may be gone already
    let _ = Command::new("kill").args([format!("-{signal}"), process.to_string()]).stderr(Stdio::null()).status();
}

/// A file server: path, status line and body of each answer in turn; a path without answers left waits for ever.
pub struct Server {
    address: SocketAddr,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn with(answers: Vec<(&'static str, &'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answers) = (Arc::clone(&requests), Arc::new(Mutex::new(answers)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answers) = (Arc::clone(&seen), Arc::clone(&answers));
                thread::spawn(move || serve(stream, &seen, &answers));
            }
        });
        Self { address, requests }
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

type Answers = Arc<Mutex<Vec<(&'static str, &'static str, Vec<u8>)>>>;

fn serve(mut stream: std::net::TcpStream, seen: &Mutex<Vec<String>>, answers: &Answers) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
    seen.lock().unwrap().push(request);
    let answer = {
        let mut left = answers.lock().unwrap();
        left.iter().position(|(of, ..)| *of == path).map(|index| left.remove(index))
    };
    match answer {
        Some((_, status, body)) => {
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
        None => {
            // until the other side gives up
            let _ = stream.read(&mut byte);
        }
    }
}
