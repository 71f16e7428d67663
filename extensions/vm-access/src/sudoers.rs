//! The right to use sudo: one line for each user in `/etc/sudoers.d/waagent`, where the field's agents write it too.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use handler_sdk::atomic::{self, Durability};
use handler_sdk::tool;

use crate::codes;
use crate::failure::Failure;

const FOLDER: &str = "/etc/sudoers.d";
const FILE: &str = "/etc/sudoers.d/waagent";
const MAIN: &str = "/etc/sudoers";

/// Lets `user` use sudo; says what changed.
///
/// # Errors
/// When the file cannot be written, or sudo would not accept it.
pub fn allow(user: &str, without_password: bool) -> Result<String, Failure> {
    let former = read()?;
    let line = format!("{user} ALL=(ALL) {}ALL", if without_password { "NOPASSWD: " } else { "" });
    let text = format!("{}{line}\n", others(&former, user));
    if text != former {
        write(&text)?;
    }
    include()?;
    let how = if without_password { "without a password" } else { "with its password" };
    let hint = if tool::find("sudo").is_none() { " once sudo is installed" } else { "" };
    Ok(format!("{user} may use sudo {how}{hint}"))
}

/// Takes the right away; whether there was one.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(user: &str) -> Result<bool, Failure> {
    let former = read()?;
    let text = others(&former, user);
    let is_changed = text != former;
    if is_changed {
        write(&text)?;
    }
    Ok(is_changed)
}

/// The text without the lines of `user`.
fn others(text: &str, user: &str) -> String {
    let is_mine = |line: &&str| line.split_whitespace().next() == Some(user);
    text.lines().filter(|line| !is_mine(line)).map(|line| format!("{line}\n")).collect()
}

fn failure(why: impl std::fmt::Display) -> Failure {
    Failure::new(codes::SUDO, format!("the right to use sudo cannot be changed: {why}"))
}

fn read() -> Result<String, Failure> {
    match fs::symlink_metadata(FILE) {
        Ok(data) if !data.is_file() => Err(failure(format!("{FILE} is not a file"))),
        Ok(_) => fs::read_to_string(FILE).map_err(failure),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(failure(error)),
    }
}

/// A file that sudo does not understand would lock everybody out of sudo, so it is tested where it can be.
fn write(text: &str) -> Result<(), Failure> {
    match DirBuilder::new().mode(0o750).create(FOLDER) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failure(error)),
        _ => {}
    }
    if let Ok(answer) = tool::run("visudo", &["-c", "-f", "-"], text.as_bytes())
        && !answer.is_good()
    {
        return Err(failure(format!("sudo would not accept the file: {}", answer.words())));
    }
    atomic::write(Path::new(FILE), text.as_bytes(), 0o440, Durability::Synced).map_err(failure)
}

/// Some distributions ship a configuration of sudo that does not look into the folder.
fn include() -> Result<(), Failure> {
    let Ok(text) = fs::read_to_string(MAIN) else { return Ok(()) };
    let is_include = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        matches!(words.as_slice(), ["#includedir" | "@includedir", folder, ..] if Path::new(folder) == Path::new(FOLDER))
    };
    if text.lines().any(is_include) {
        return Ok(());
    }
    let text = format!("{}\n#includedir {FOLDER}\n", text.trim_end_matches('\n'));
    atomic::write(Path::new(MAIN), text.as_bytes(), 0o440, Durability::Synced).map_err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_users_own_lines_go() {
        let text = "ana ALL=(ALL) ALL\nanabel ALL=(ALL) NOPASSWD: ALL\n# ana\n";
        assert_eq!(others(text, "ana"), "anabel ALL=(ALL) NOPASSWD: ALL\n# ana\n");
        assert_eq!(others(text, "bob"), text);
    }
}
