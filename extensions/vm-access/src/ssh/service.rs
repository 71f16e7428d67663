//! Talking to the SSH server: testing a configuration, and having it read.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use handler_sdk::tool::{self, Answer};

use crate::codes;
use crate::failure::Failure;

/// There is a configuration, but no server.
pub const NOT_THERE: &str = "there is no SSH server on this machine; the configuration holds once there is one";
const RESTARTED: &str = "the SSH server was restarted";
const AT_ITS_START: &str = "the SSH server does not run now; the configuration holds once it does";
/// Distributions call it by one of these names.
const UNITS: [&str; 2] = ["ssh", "sshd"];
/// The server wants this folder, which distributions make when they start it.
const SEPARATION: &str = "/run/sshd";

/// Asks the server whether the configuration in `file` is one.
///
/// # Errors
/// When the server cannot be asked.
pub fn test(file: &Path) -> io::Result<Answer> {
    let path = file.display().to_string();
    let answer = tool::run("sshd", &["-t", "-f", &path], b"")?;
    if answer.is_good() || !answer.stderr.contains("privilege separation directory") {
        return Ok(answer);
    }
    match DirBuilder::new().mode(0o755).create(SEPARATION) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => tool::run("sshd", &["-t", "-f", &path], b""),
    }
}

/// Has a server that runs read its configuration; connections that are open stay. Says what became of it.
///
/// # Errors
/// When it does not start again.
pub fn restart() -> Result<&'static str, Failure> {
    let failed = |answer: &Answer| {
        Failure::new(
            codes::SSH,
            format!("the SSH server does not start with the new configuration: {}", answer.words()),
        )
    };
    let system = |error: io::Error| Failure::system("the SSH server cannot be restarted", &error);
    if Path::new("/run/systemd/system").exists() {
        for unit in UNITS.map(|unit| format!("{unit}.service")) {
            let state = tool::run("systemctl", &["is-active", &unit], b"").map_err(system)?;
            if state.is_good() {
                let answer = tool::run("systemctl", &["restart", &unit], b"").map_err(system)?;
                return if answer.is_good() { Ok(RESTARTED) } else { Err(failed(&answer)) };
            }
        }
        return Ok(AT_ITS_START);
    }
    for unit in UNITS.iter().filter(|unit| Path::new("/etc/init.d").join(unit).exists()) {
        let script = format!("/etc/init.d/{unit}");
        let state = tool::run("sh", &[&script, "status"], b"").map_err(system)?;
        if state.is_good() {
            let answer = tool::run("sh", &[&script, "restart"], b"").map_err(system)?;
            return if answer.is_good() { Ok(RESTARTED) } else { Err(failed(&answer)) };
        }
    }
    Ok(AT_ITS_START)
}
