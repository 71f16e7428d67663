//! `lab-boot`: brings a machine up and ends. Standard input: the spec. Standard output: one [`Answer`].
//!
//! ```text
//!  lock ─► runs already? ─yes─► Up
//!    │no
//!    └─► cgroup ─► namespaces ─► start process 1 ─► write machine.json ─► give it the spec ─► "ready" ─► Up
//! ```
//! Process 1 does nothing before it has the spec, and ends if the pipe closes without one: there is no moment at which
//! this program may be killed and leave a machine that nobody knows of.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Write},
    os::{fd::BorrowedFd, unix::fs::OpenOptionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
};

use rustix::{
    fs::{FlockOperation, flock},
    io::{FdFlags, fcntl_setfd},
    mount::{MountFlags, mount_bind, mount_remount},
    process::{geteuid, setsid},
};

use super::{
    super::method::Method,
    INIT, MARK, cgroup, namespaces,
    record::MachineRecord,
    spec::{Answer, MachineSpec, read_spec, write_answer},
    step::{During, StepError},
};

/// Does it.
pub(super) fn run() -> ExitCode {
    match read_spec().and_then(|spec| boot(&spec)) {
        Ok(answer) => write_answer(&answer),
        Err(trouble) => write_answer(&Answer::Failed(trouble.to_string())),
    }
    ExitCode::SUCCESS
}

fn boot(spec: &MachineSpec) -> Result<Answer, StepError> {
    close_on_exec().during("closing what the server left open")?;
    // Out of the terminal's process group: Ctrl-C is for the server, which then decides about its machines.
    setsid().during("leaving the terminal")?;
    // Held until this program ends: a server that crashed may have left another one at work on the same machine.
    let lock = File::create(spec.folder.join("lock")).during("opening the machine's lock")?;
    flock(&lock, FlockOperation::LockExclusive).during("locking the machine")?;
    if MachineRecord::read(&spec.folder).is_some_and(|record| record.runs()) {
        return Ok(Answer::Up);
    }
    let console = open_console(&spec.folder)?;
    if geteuid().is_root() {
        cgroup::enter(&spec.id);
    }
    let mut program = PathBuf::from("/proc/self/exe");
    if spec.method != Method::Bare {
        namespaces::enter_machine(spec.method, spec.outside_network)?;
        program = read_only_program(&spec.folder).unwrap_or(program);
    }
    let mut init = start_init(&program, spec, console)?;
    match hand_over(&mut init, spec) {
        Ok(Answer::Up) => Ok(Answer::Up),
        other => {
            let _ = init.kill();
            let _ = init.wait();
            let _ = MachineRecord::remove(&spec.folder);
            cgroup::remove(&spec.id);
            other
        }
    }
}

/// Whatever descriptors the server was started with: a machine must not get them, they may lead to the host's files.
#[expect(unsafe_code, reason = "descriptors found in /proc have no owner in this program; they are only marked")]
fn close_on_exec() -> std::io::Result<()> {
    for entry in fs::read_dir("/proc/self/fd")? {
        let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if number > 2 {
            // SAFETY: the number was just listed; if it is the listing's own, that is open until the loop ends.
            fcntl_setfd(unsafe { BorrowedFd::borrow_raw(number) }, FdFlags::CLOEXEC)?;
        }
    }
    Ok(())
}

fn open_console(folder: &Path) -> Result<File, StepError> {
    let path = folder.join("console.log");
    OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path).during("opening console.log")
}

/// This program on a read-only mount, so that root in the machine cannot write to it through `/proc/1/exe`.
fn read_only_program(folder: &Path) -> Option<PathBuf> {
    let place = folder.join("init");
    // By its path: /proc/self/exe leads to the mount of the old namespace, which cannot be shown in the new one. If the
    // program has been replaced since it was started, there is no path.
    let program = fs::read_link("/proc/self/exe").ok().filter(|path| path.exists())?;
    File::create(&place).ok()?;
    mount_bind(&program, &place).ok()?;
    let kept = super::init::flags_of(&place).unwrap_or(MountFlags::empty());
    mount_remount(&place, MountFlags::BIND | MountFlags::RDONLY | kept, c"").ok()?;
    Some(place)
}

fn start_init(program: &Path, spec: &MachineSpec, console: File) -> Result<Child, StepError> {
    Command::new(program)
        .arg(INIT)
        .env_clear()
        .env(MARK, &spec.id)
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LANG", "C.UTF-8")
        .env("container", "annex-lab")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(console)
        .spawn()
        .during("starting process 1")
}

/// Records process 1, gives it the spec and hears whether the machine is up.
fn hand_over(init: &mut Child, spec: &MachineSpec) -> Result<Answer, StepError> {
    let pid = i32::try_from(init.id()).map_err(std::io::Error::other).during("reading the process id")?;
    let record = MachineRecord::of(pid, spec.method, spec.outside_network).during("looking at process 1")?;
    record.write(&spec.folder).during("writing machine.json")?;
    if let Some(mut pipe) = init.stdin.take() {
        let text = serde_json::to_vec(spec).map_err(std::io::Error::from).during("writing the spec")?;
        pipe.write_all(&text).during("giving process 1 its spec")?;
    }
    let mut line = String::new();
    if let Some(out) = init.stdout.take() {
        BufReader::new(out).read_line(&mut line).during("waiting for process 1")?;
    }
    match serde_json::from_str(&line) {
        Ok(answer) => Ok(answer),
        Err(_) => Ok(Answer::Failed(format!("process 1 ended early; {}", last_line(&spec.folder)))),
    }
}

fn last_line(folder: &Path) -> String {
    let text = fs::read(folder.join("console.log")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().next_back().map_or("its console.log is empty".into(), |line| format!("its console.log ends: {line}"))
}
