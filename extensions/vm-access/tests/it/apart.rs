//! Running a test where it can change accounts and configuration without changing this machine's.

use std::env;
use std::process::Command;

const INSIDE: &str = "VM_ACCESS_TEST_APART";

/// What the test sees of its own: `/etc` is a copy, and what programs for accounts write to begins empty.
const APART: &str = "set -e
    cp -a /etc \"$1/etc\"
    mount --bind \"$1/etc\" /etc
    for folder in /home /root /run /var/mail /var/spool /var/cache /var/log; do
        if [ -d \"$folder\" ]; then mount -t tmpfs tmpfs \"$folder\"; fi
    done
    rm -rf /etc/ssh /etc/sudoers /etc/sudoers.d
    exec \"$2\" --exact \"$3\" --nocapture";

/// True inside of a mount namespace of the test's own. Outside of it, runs the test of this name there and answers
/// false; without the right to do so, says that it is skipped.
pub fn is_apart(test: &str) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: changing users needs root");
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--propagation", "private", "/bin/sh", "-c", APART, "sh"]);
    inside.arg(folder.path()).arg(env::current_exe().unwrap()).arg(test).env(INSIDE, "1");
    let output = inside.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}
