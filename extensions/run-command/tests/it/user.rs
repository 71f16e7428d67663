//! Running as somebody else, on a machine of its own: accounts and `/run` are the test's, in a mount namespace.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::machine::{Machine, Package, view, wait_for};

/// Whether this test may make namespaces; says so when not.
fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("skipped: becoming another user needs root");
    }
    is_root
}

/// Enables in a mount namespace in which user `ana` exists and `/run` is empty.
fn enable(package: &Package<'_>, name: &str, number: u64) {
    let machine = package.machine;
    let home = machine.path("home");
    fs::create_dir_all(&home).unwrap();
    let accounts = format!(
        "root:x:0:0:root:/root:/bin/bash\nana:x:4711:4711::{}:/bin/bash\nlost:x:4713:4713::/no/such/home:/bin/sh\n",
        home.display()
    );
    fs::write(machine.path("passwd"), accounts).unwrap();
    fs::write(machine.path("group"), "root:x:0:\nana:x:4711:\nwheel:x:4712:root,ana\nlost:x:4713:\n").unwrap();
    let plain = package.command("enable", name, number);
    let script = "set -e; mount -t tmpfs tmpfs /run; mount --bind \"$1\" /etc/passwd; mount --bind \"$2\" /etc/group
        mkdir -p \"$3\"; chown 4711:4711 \"$3\"; shift 3; exec \"$@\"";
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh"]);
    inside.args([machine.path("passwd"), machine.path("group"), home]);
    inside.arg(plain.get_program()).args(plain.get_args()).current_dir(&package.root);
    for (variable, value) in plain.get_envs() {
        inside.env(variable, value.unwrap_or_default());
    }
    let output = inside.output().unwrap();
    assert!(output.status.success(), "{output:?}\n{}", machine.log());
}

/// Lets others into the folders of the test, as the folders of a machine's homes do.
fn open(machine: &Machine) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(machine.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_script_runs_as_the_user_in_its_home_with_all_its_groups() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    open(&machine);
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let script = "id -u; id -g; id -G; pwd; echo \"$USER $HOME $1 $NAMED\"; stat -c '%u %a' \"$0\"; cat /proc/self/status | grep -E '^(CapEff|NoNewPrivs)'";
    let public = json!({"source": {"script": script}, "runAsUser": "ana",
        "parameters": [{"value": "first"}, {"name": "NAMED", "value": "second"}]});
    package.sealed_settings("a", 0, public, json!({"runAsPassword": "hunter2-hunter2"}));
    enable(&package, "a", 0);
    let told = view(&package.until("a", 0, "Succeeded"));
    let home = machine.path("home").display().to_string();
    let expected = format!(
        "4711\n4711\n4711 4712\n{home}\nana {home} first second\n4711 500\nCapEff:\t0000000000000000\nNoNewPrivs:\t0\n"
    );
    assert_eq!(told["output"], expected, "{told}");
    assert!(!machine.log().contains("hunter2"));
    assert!(!std::path::Path::new("/run/annex-run-command").exists(), "the host's own /run was touched");
}

#[test]
fn a_user_without_a_home_works_at_the_root_and_a_missing_user_is_told() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    package.settings("a", 0, json!({"source": {"script": "pwd"}, "runAsUser": "lost"}));
    enable(&package, "a", 0);
    assert_eq!(view(&package.until("a", 0, "Succeeded"))["output"], "/\n");
    package.settings(
        "a",
        1,
        json!({"source": {"script": "pwd"}, "runAsUser": "nobody-here", "treatFailureAsDeploymentFailure": true}),
    );
    enable(&package, "a", 1);
    let status = package.until("a", 1, "Failed");
    assert_eq!(status["code"], -102);
    assert!(view(&status)["executionMessage"].as_str().unwrap().contains("no user \"nobody-here\""), "{status}");
}

#[test]
fn nothing_of_the_script_is_left_where_the_user_could_read_it() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    open(&machine);
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    // the script sees its own folder, and the folder above holds nothing for it
    let script =
        "dirname \"$0\"; ls -a \"$(dirname \"$0\")\"; ls /run/annex-run-command 2>&1 | grep -c denied; sleep 300";
    package.settings("a", 0, json!({"source": {"script": script}, "runAsUser": "ana", "timeoutInSeconds": 2}));
    enable(&package, "a", 0);
    let runner = package.runner("a", 0);
    let root = format!("/proc/{runner}/root/run/annex-run-command");
    wait_for("the folder", || fs::exists(format!("{root}/a.0/script")).unwrap_or(false).then_some(()));
    let held = fs::File::open(&root).unwrap();
    let told = view(&package.until("a", 0, "TimedOut"));
    assert_eq!(told["output"], "/run/annex-run-command/a.0\n.\n..\nscript\n1\n");
    wait_for("the end of the runner", || (!crate::machine::is_running(runner)).then_some(()));
    let left = rustix::fs::Dir::read_from(&held).unwrap().flatten().count();
    assert_eq!(left, 2, "only . and .. stay");
}
