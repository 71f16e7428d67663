//! A machine: network, mount, PID, UTS and IPC namespaces with an overlay of this host's root as its disk.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

const BOOT: &str = include_str!("machine.sh");
/// Under this name every machine knows the portal.
pub const PORTAL: &str = "annex.test";

/// A machine; it ends when it is dropped, with everything that runs in it.
pub struct Machine {
    pub name: String,
    folder: PathBuf,
    number: u32,
    process: Option<Running>,
}

struct Running {
    child: Child,
    pid: u32,
}

impl Machine {
    /// Switches a machine on. `number` is its own among the machines of this test.
    pub fn start(folder: &Path, name: &str, number: u32) -> Self {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("machine.sh"), BOOT).unwrap();
        let mut machine = Self { name: name.to_owned(), folder, number, process: None };
        machine.boot();
        machine
    }

    /// Pulls the plug and starts it again, with the same disk.
    pub fn reboot(&mut self) {
        self.stop();
        self.boot();
    }

    pub fn stop(&mut self) {
        if let Some(Running { mut child, pid }) = self.process.take() {
            sh(&format!("kill -KILL {pid}"));
            child.wait().unwrap();
        }
    }

    fn boot(&mut self) {
        let mut child = Command::new("unshare")
            .args(["--mount", "--uts", "--ipc", "--pid", "--net", "--fork", "--kill-child", "sh"])
            .arg(self.folder.join("machine.sh"))
            .arg(&self.folder)
            .arg(&self.name)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare");
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "up\n", "{} does not boot", self.name);
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        let pid = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        self.process = Some(Running { child, pid });
        self.connect(pid);
        std::fs::create_dir_all(self.path("run/services")).unwrap();
    }

    /// A cable to this host; each machine has a network of four addresses. The cable of a machine that was just switched
    /// off goes a moment later by itself.
    fn connect(&self, pid: u32) {
        let (link, [host, own]) = (self.link(), self.addresses());
        let set_up = format!(
            "ip link delete {link} 2>/dev/null; ip link add {link} type veth peer name eth0 netns {pid} && \
             ip address add {host}/30 dev {link} && ip link set {link} up"
        );
        let done = sh(&set_up);
        assert!(done.status.success(), "{set_up}: {}", String::from_utf8_lossy(&done.stderr));
        self.run(&format!(
            "ip address add {own}/30 dev eth0 && ip link set eth0 up && ip route add default via {host} && \
             grep -q {PORTAL} /etc/hosts || echo {host} {PORTAL} >> /etc/hosts"
        ));
    }

    fn link(&self) -> String {
        format!("ax{}x{}", std::process::id() % 100_000, self.number)
    }

    /// Of this host and of the machine: apart from those of other machines of other tests.
    fn addresses(&self) -> [String; 2] {
        let place = (std::process::id() % 32_768) * 128 + self.number * 4;
        let address = |last: u32| {
            let bits = (10 << 24) + (64 << 16) + place + last;
            std::net::Ipv4Addr::from(bits).to_string()
        };
        [address(1), address(2)]
    }

    /// Pulls or plugs the cable.
    pub fn cable(&self, plugged: bool) {
        let done = sh(&format!("ip link set {} {}", self.link(), if plugged { "up" } else { "down" }));
        assert!(done.status.success());
    }

    /// A file of the machine, as this host sees it.
    pub fn path(&self, inside: &str) -> PathBuf {
        let pid = self.process.as_ref().expect("it is on").pid;
        PathBuf::from(format!("/proc/{pid}/root")).join(inside.trim_start_matches('/'))
    }

    pub fn read(&self, inside: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path(inside)).unwrap_or_default()).into_owned()
    }

    /// Runs a script in the machine; it must work.
    pub fn run(&self, script: &str) -> String {
        let done = self.try_run(script);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{} on {}: {said}", script, self.name);
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    pub fn try_run(&self, script: &str) -> Output {
        let pid = self.process.as_ref().expect("it is on").pid.to_string();
        Command::new("nsenter")
            .args(["-t", &pid, "-m", "-u", "-i", "-n", "-p", "-r", "-w/", "sh", "-c", script])
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .expect("nsenter")
    }

    /// Keeps a command running, as a service manager would; its output goes to `/var/log/{name}.out`.
    pub fn keep(&self, name: &str, command: &str) {
        // a file of its own: the command's words must not stand in the loop's command line, where they would be killed, too
        let script = format!("while :; do {command}; sleep 0.2; done\n");
        std::fs::write(self.path(&format!("run/services/{name}")), script).unwrap();
        self.run(&format!("cd /; sh /run/services/{name} >> /var/log/{name}.out 2>&1 < /dev/null &"));
    }

    /// Waits until a script says yes.
    pub fn until(&self, what: &str, limit: Duration, script: &str) {
        let deadline = Instant::now() + limit;
        while !self.try_run(script).status.success() {
            assert!(Instant::now() < deadline, "not within {limit:?} on {}: {what}\n{}", self.name, self.story());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What a person would look at when something went wrong.
    pub fn story(&self) -> String {
        let tail = |file: &str| {
            let text = self.read(file);
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(60)..].join("\n")
        };
        let files = ["var/log/agent.out", "var/log/waagent.log", "var/log/probe.calls"];
        files.map(|file| format!("--- {file} of {}\n{}", self.name, tail(file))).join("\n")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() && self.process.is_some() {
            eprintln!("{}", self.story());
        }
        self.stop();
        sh(&format!("ip link delete {} 2>/dev/null", self.link()));
    }
}

fn sh(script: &str) -> Output {
    Command::new("sh").args(["-c", script]).output().expect("sh")
}
