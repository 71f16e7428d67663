//! `lab-map-ids PID`: maps root and the user's range of /etc/subuid into the user namespace of the process that started
//! it, once that process says (on standard input) that it is inside. Trouble goes to standard output.

use std::{
    fs,
    io::{self, Read, Write},
    process::{Command, ExitCode},
};

use rustix::process::{getgid, getuid};

/// Ids that a machine needs beyond root: 1 to 65535, `nobody` (65534) included.
const WANTED: u64 = 65_535;

/// Does it.
pub(super) fn run() -> ExitCode {
    let mut go = Vec::new();
    let waited = io::stdin().read_to_end(&mut go);
    let target = std::env::args().nth(2).unwrap_or_default();
    match waited.map_err(|e| e.to_string()).and_then(|_| map(&target)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let _ = io::stdout().write_all(trouble.as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn map(target: &str) -> Result<(), String> {
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    let name = user_name(uid).unwrap_or_default();
    for (program, file, own) in [("newuidmap", "/etc/subuid", uid), ("newgidmap", "/etc/subgid", gid)] {
        let text = fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
        let (first, count) = range(&text, &name, uid).ok_or_else(|| format!("{file} has no range for {name:?}"))?;
        let numbers = [0, own.into(), 1, 1, first, count.min(WANTED)].map(|n: u64| n.to_string());
        let output = Command::new(program).arg(target).args(numbers).output().map_err(|e| format!("{program}: {e}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
    }
    Ok(())
}

/// The largest range that belongs to the user, by name or by number (`man 5 subuid`).
fn range(text: &str, name: &str, uid: u32) -> Option<(u64, u64)> {
    let number = uid.to_string();
    let of_line = |line: &str| {
        let mut fields = line.trim().split(':');
        let owner = fields.next()?;
        let (first, count) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        ((owner == name && !name.is_empty()) || owner == number).then_some((first, count))
    };
    text.lines().filter_map(of_line).max_by_key(|(_, count)| *count)
}

fn user_name(uid: u32) -> Option<String> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.split(':').nth(2).and_then(|n| n.parse().ok()) == Some(uid))?;
    line.split(':').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_range_of_the_user_counts() {
        let text = "other:1:2\nann:100000:10\n1000:200000:65536\nbroken\nann:x:1\n";
        assert_eq!(range(text, "ann", 1000), Some((200_000, 65_536)));
        assert_eq!(range(text, "ann", 7), Some((100_000, 10)));
        assert_eq!(range(text, "", 7), None);
    }
}
