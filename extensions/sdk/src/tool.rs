//! Running programs of the machine, such as `useradd`: by name, without a shell, without input from anybody.

use std::env;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where administrators' programs are; services often have a search path without these.
const FOLDERS: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// What came of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Answer {
    /// Whether it ended with exit code 0.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self.code, Some(0))
    }

    /// What it complained of, in one line; what it printed when it did not complain.
    #[must_use]
    pub fn words(&self) -> String {
        let text = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// Where the program `name` is; `None` when the machine does not have it.
#[must_use]
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Runs `name` to its end, with `input` to read. Arguments are seen by everybody on the machine; `input` by nobody else.
///
/// # Errors
/// `NotFound` when the machine does not have the program; else when it cannot be run.
pub fn run(name: &str, arguments: &[&str], input: &[u8]) -> io::Result<Answer> {
    let program =
        find(name).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("{name} is not on this machine")))?;
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // a program that ends without reading tells by its exit code what it thinks of it
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Answer { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_output_and_exit_code() {
        let answer = run("sh", &["-c", "cat; echo one >&2; echo two >&2; exit 3"], b"given").unwrap();
        assert_eq!((answer.code, answer.stdout.as_str(), answer.words().as_str()), (Some(3), "given", "one; two"));
        assert!(!answer.is_good());
        assert!(run("true", &[], &vec![0; 1 << 20]).unwrap().is_good(), "input that nobody reads is no failure");
        assert_eq!(run("no-such-program", &[], b"").unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(find("no-such-program"), None);
    }
}
