//! A machine's folders, an agent's side of the contract, and ways to wait.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub const NAME: &str = "Annex.Extensions.RunCommand";
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
        self.lib().join("run-command")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/handler.log")).unwrap_or_default()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Unpacks the package as an agent does, under any version.
    pub fn unpack(&self, version: &str) -> Package<'_> {
        let root = self.lib().join(format!("{NAME}-{version}"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("package/1.0.0");
        for folder in ["bin", "config", "status", "commands"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["HandlerManifest.json", "ExtensionImage.json", "commands/ifconfig.sh"] {
            fs::copy(source.join(file), root.join(file)).unwrap();
        }
        let program = root.join("bin/run-command");
        if fs::hard_link(env!("CARGO_BIN_EXE_run-command"), &program).is_err() {
            fs::copy(env!("CARGO_BIN_EXE_run-command"), &program).unwrap();
        }
        let package = Package { machine: self, root };
        package.write_environment();
        package
    }
}

impl Package<'_> {
    fn write_environment(&self) {
        let folders = json!({
            "logFolder": self.machine.path("log"),
            "configFolder": self.root.join("config"),
            "statusFolder": self.root.join("status"),
            "heartbeatFile": self.root.join("heartbeat.log"),
            "outputFolder": self.machine.path("output"),
        });
        let document = json!([{"name": NAME, "version": 1.0, "handlerEnvironment": folders}]);
        fs::write(self.root.join("HandlerEnvironment.json"), document.to_string()).unwrap();
    }

    pub fn settings(&self, name: &str, number: u64, public: Value) {
        self.write_settings(name, number, json!({"publicSettings": public}));
    }

    /// Settings with a part that is sealed for a new key of the machine.
    pub fn sealed_settings(&self, name: &str, number: u64, public: Value, protected: Value) {
        let now = agent_protocol::Timestamp::from_unix_ms(1_700_000_000_000);
        let key = agent_protocol::envelope::MachineKey::generate(now).unwrap();
        let lib = self.machine.lib();
        fs::write(lib.join(format!("{}.prv", key.thumbprint())), &*key.key_pem).unwrap();
        let sealed = agent_protocol::envelope::seal(&key.certificate_der, protected.to_string().as_bytes()).unwrap();
        let settings = json!({
            "publicSettings": public,
            "protectedSettings": STANDARD.encode(sealed),
            "protectedSettingsCertThumbprint": key.thumbprint(),
        });
        self.write_settings(name, number, settings);
    }

    fn write_settings(&self, name: &str, number: u64, settings: Value) {
        let document = json!({"runtimeSettings": [{"handlerSettings": settings}]});
        fs::write(self.root.join(format!("config/{name}.{number}.settings")), document.to_string()).unwrap();
    }

    /// The process of one of the manifest's commands.
    pub fn command(&self, command: &str, name: &str, number: u64) -> Command {
        let mut process = Command::new(self.root.join("bin/run-command"));
        process
            .arg(command)
            .current_dir(&self.root)
            .env("ConfigSequenceNumber", number.to_string())
            .env("ConfigExtensionName", name)
            .stdin(Stdio::null());
        process
    }

    /// Runs one of the manifest's commands, which must end with exit code 0.
    pub fn must(&self, command: &str, name: &str, number: u64) {
        let output = self.command(command, name, number).output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}\n{}", self.machine.log());
    }

    pub fn status_file(&self, name: &str, number: u64) -> PathBuf {
        self.root.join(format!("status/{name}.{number}.status"))
    }

    pub fn status(&self, name: &str, number: u64) -> Option<Value> {
        let text = fs::read(self.status_file(name, number)).ok()?;
        serde_json::from_slice::<Value>(&text).ok().map(|document| document[0]["status"].clone())
    }

    /// The status once the command's state is `state`.
    pub fn until(&self, name: &str, number: u64, state: &str) -> Value {
        wait_for(&format!("{state} of {name}.{number}\n{}", self.machine.log()), || {
            let status = self.status(name, number)?;
            let seen = view(&status)["executionState"].clone();
            let is_over = ["Succeeded", "Failed", "TimedOut", "Canceled"].iter().any(|word| seen == **word);
            assert!(seen == state || !is_over, "{state} was expected: {status}\n{}", self.machine.log());
            (seen == state).then_some(status)
        })
    }

    /// Enable with a script, and wait for the state it ends in.
    pub fn run(&self, name: &str, number: u64, script: &str, state: &str) -> Value {
        self.settings(name, number, json!({"source": {"script": script}}));
        self.must("enable", name, number);
        self.until(name, number, state)
    }

    pub fn output(&self, name: &str, number: u64, stream: &str) -> String {
        fs::read_to_string(self.machine.path(&format!("output/{name}.{number}.{stream}"))).unwrap_or_default()
    }

    /// Who runs the settings of this number.
    pub fn runner(&self, name: &str, number: u64) -> i32 {
        wait_for("the runner", || {
            let text = fs::read(self.machine.data().join(format!("run/{name}.{number}.holder"))).ok()?;
            serde_json::from_slice::<Value>(&text).ok()?["process"].as_i64()
        })
        .try_into()
        .unwrap()
    }
}

/// The instance view that a status holds; null for a status that is none of ours.
pub fn view(status: &Value) -> Value {
    serde_json::from_str(status["formattedMessage"]["message"].as_str().unwrap()).unwrap_or_default()
}

/// Level, code and state.
pub fn outcome(status: &Value) -> (String, i64, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&status["status"]), status["code"].as_i64().unwrap(), text(&view(status)["executionState"]))
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

/// One request as the server saw it.
#[derive(Clone, Debug)]
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

/// A server: path with method, status line and body of each answer in turn, the last one for ever.
pub struct Server {
    address: SocketAddr,
    pub requests: Arc<Mutex<Vec<Request>>>,
}

type Answers = Arc<Mutex<Vec<(&'static str, &'static str, Vec<u8>)>>>;

impl Server {
    pub fn with(answers: Vec<(&'static str, &'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answers) = (Arc::clone(&requests), Arc::new(Mutex::new(answers)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &seen, &answers);
            }
        });
        Self { address, requests }
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn seen(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: std::net::TcpStream, seen: &Mutex<Vec<Request>>, answers: &Answers) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    let target = head.split(' ').take(2).collect::<Vec<_>>().join(" ");
    seen.lock().unwrap().push(Request { head, body });
    let answer = {
        let mut left = answers.lock().unwrap();
        let mine: Vec<usize> = (0..left.len()).filter(|index| target.starts_with(left[*index].0)).collect();
        match mine.as_slice() {
            [] => ("", "404 Not Found", Vec::new()),
            [only] => left[*only].clone(),
            [first, ..] => left.remove(*first),
        }
    };
    let head = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.1, answer.2.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer.2));
}
