//! A lab in a temporary folder, and a way to run scripts in its machines.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use control::compute::{Compute, LabVm};
use domain::{ids::VmId, secret::Secret};
use server::lab::{Lab, LabConfig};
use tempfile::TempDir;

/// Does what the portal's agent does as far as the lab can tell: enrols with the token, then runs. Running means to
/// execute `/run/annex/<host name>.<n>.job` once each and to print what they print between `<<` and `>>` lines.
const AGENT: &str = r#"#!/bin/sh
echo "agent $1"
if [ "$1" = enrol ]; then
    echo "token $ANNEX_AGENT_TOKEN for $#: $2"
    exit 0
fi
name=${LAB_NAME:-$(cat /etc/hostname)}
folder=${LAB_JOBS:-/run/annex}
done=${ANNEX_AGENT_STATE_DIR:-/var/lib/annex-agent}
mkdir -p "$done"
while :; do
    for job in "$folder/$name".*.job; do
        mark="$done/$(basename "$job")"
        if [ -e "$job" ] && [ ! -e "$mark" ]; then
            : > "$mark"
            echo "<<$(basename "$job")"
            sh "$job" 2>&1
            echo ">>$(basename "$job") $?"
        fi
    done
    sleep 0.02
done
"#;

/// The program that is tested; elsewhere when the tests run as a user who cannot read the build.
pub fn program() -> PathBuf {
    std::env::var_os("LAB_TEST_PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_annex").into(), PathBuf::from)
}

/// A lab of its own.
pub struct TestLab {
    pub lab: Lab,
    pub folder: TempDir,
}

impl TestLab {
    pub async fn open() -> Self {
        Self::open_with(program()).await
    }

    pub async fn open_with(program: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let lab = open_lab(folder.path(), program).await;
        Self { lab, folder }
    }

    /// Machines in the lab's folder that have a process 1, whether or not the test still knows of them.
    fn processes(&self) -> Vec<String> {
        let machines = fs::read_dir(self.folder.path().join("data/lab")).into_iter().flatten().flatten();
        let records = machines.filter_map(|machine| fs::read_to_string(machine.path().join("machine.json")).ok());
        let records = records.filter_map(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        records.map(|record| record["pid"].to_string()).collect()
    }

    pub async fn start(&self, name: &str) -> Machine {
        self.start_with(name, false).await
    }

    pub async fn start_with(&self, name: &str, outside_network: bool) -> Machine {
        let machine = Machine::new(self.folder.path(), name, outside_network);
        self.lab.start(&machine.vm).await.expect("machine starts");
        machine
    }
}

/// A failed test leaves no machine behind either.
impl Drop for TestLab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for process in self.processes() {
                let _ = Command::new("kill").args(["-KILL", &process]).status();
            }
        }
    }
}

/// Opens a lab in a folder, with the shell agent.
pub async fn open_lab(folder: &Path, program: PathBuf) -> Lab {
    let agent = folder.join("agent.sh");
    if !agent.exists() {
        fs::write(&agent, AGENT).expect("agent written");
        fs::set_permissions(&agent, fs::Permissions::from_mode(0o755)).expect("agent executable");
    }
    let data_dir = folder.join("data");
    let config = LabConfig { data_dir, agent, program: Some(program), hide: vec![] };
    Lab::open(config).await.expect("lab opens")
}

/// A machine under test.
pub struct Machine {
    pub vm: LabVm,
    lab: PathBuf,
    jobs: AtomicU32,
}

impl Machine {
    pub fn new(folder: &Path, name: &str, outside_network: bool) -> Self {
        let vm = LabVm {
            id: VmId::new(uuid::Uuid::now_v7()),
            name: name.parse().expect("a name"),
            outside_network,
            enrolment_token: Some(Secret::new("token-of-the-test")),
            risk_accepted: false,
        };
        Self { vm, lab: folder.join("data/lab"), jobs: AtomicU32::new(1) }
    }

    /// The same machine for another server: `id` as it was.
    pub fn known(folder: &Path, name: &str, id: VmId, jobs: u32) -> Self {
        let mut machine = Self::new(folder, name, false);
        machine.vm.id = id;
        machine.jobs = AtomicU32::new(jobs);
        machine
    }

    pub fn folder(&self) -> PathBuf {
        self.lab.join(self.vm.id.to_string())
    }

    pub fn console(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder().join("console.log")).unwrap_or_default()).into_owned()
    }

    /// Process 1, as the host numbers it.
    pub fn process(&self) -> i32 {
        let text = fs::read_to_string(self.folder().join("machine.json")).expect("machine.json");
        let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        record["pid"].as_i64().and_then(|pid| pid.try_into().ok()).expect("pid")
    }

    /// Starts a script in the machine.
    pub fn begin(&self, script: &str) -> String {
        let job = format!("{}.{}.job", self.vm.name, self.jobs.fetch_add(1, Ordering::Relaxed));
        let portal = self.lab.join("portal");
        fs::write(portal.join(".new"), script).expect("job written");
        fs::rename(portal.join(".new"), portal.join(&job)).expect("job in place");
        job
    }

    /// Runs a script in the machine; answers what it printed.
    pub fn run(&self, script: &str) -> String {
        let job = self.begin(script);
        let end = format!(">>{job} ");
        wait(&format!("{job} ends in {}", self.vm.name), || self.console().contains(&end));
        let console = self.console();
        let output = console.split(&format!("<<{job}\n")).nth(1).expect("a beginning");
        output.split(&end).next().unwrap_or_default().trim().to_owned()
    }
}

/// Waits for something, at most half a minute.
pub fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes on this host that belong to a machine.
pub fn processes_of(id: VmId) -> Vec<String> {
    let mark = format!("ANNEX_LAB_MACHINE={id}");
    let entries = fs::read_dir("/proc").expect("/proc").flatten().map(|entry| entry.path());
    let of_machine = |path: &PathBuf| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
    };
    entries.filter(of_machine).map(|path| path.display().to_string()).collect()
}

/// What is mounted under a folder, as this process sees it.
pub fn mounts_under(folder: &Path) -> Vec<String> {
    let table = fs::read_to_string("/proc/self/mountinfo").expect("mount table");
    let folder = folder.display().to_string();
    table.lines().filter(|line| line.contains(&folder)).map(str::to_owned).collect()
}
