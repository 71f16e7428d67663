//! The same tests without root's rights: machines are private copies in a user namespace then.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use super::harness::program;

/// `nobody`, who has no range of ids either.
const NOBODY: &str = "65534";

#[test]
fn what_holds_for_root_holds_for_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        // Then all the other tests have just shown it.
        return;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let place = |name: &str| folder.path().join(name);
    let open = |name: &str, mode| fs::set_permissions(place(name), fs::Permissions::from_mode(mode)).expect("opened");
    // Copies: nobody may be unable to read the folder of the build.
    fs::copy(program(), place("annex")).expect("copied");
    fs::copy(std::env::current_exe().expect("this program"), place("tests")).expect("copied");
    fs::create_dir(place("tmp")).expect("made");
    open("", 0o755);
    open("tmp", 0o1777);
    let output = Command::new("setpriv")
        .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
        .arg(place("tests"))
        .args(["--test-threads", "2", "--skip", "ordinary_user", "--skip", "ceiling", "--skip", "bare"])
        .env("LAB_TEST_PROGRAM", place("annex"))
        .env("TMPDIR", place("tmp"))
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .expect("setpriv");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "as an ordinary user:\n{printed}\n{}", String::from_utf8_lossy(&output.stderr));
}
