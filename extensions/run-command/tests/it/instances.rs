//! Named commands come, go and come again, and versions change under them.

use std::fs;

use serde_json::json;

use crate::machine::{Machine, Package, is_running, view, wait_for};

/// What an agent does with the files of a name that was deleted.
fn forget(package: &Package<'_>, name: &str) {
    for folder in ["config", "status"] {
        for entry in fs::read_dir(package.root.join(folder)).unwrap().flatten() {
            if entry.file_name().to_str().unwrap().starts_with(&format!("{name}.")) {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
}

#[test]
fn deleting_a_command_ends_it_and_leaves_the_others() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    for name in ["a", "a.b"] {
        package.settings(name, 0, json!({"source": {"script": "echo begun; sleep 300"}}));
        package.must("enable", name, 0);
        wait_for("the run", || (package.output(name, 0, "stdout") == "begun\n").then_some(()));
    }
    let (gone, stays) = (package.runner("a", 0), package.runner("a.b", 0));
    package.must("disable", "a", 0);
    assert!(!is_running(gone) && is_running(stays));
    let status = package.until("a", 0, "Canceled");
    assert_eq!(view(&status)["output"], "begun\n");
    assert!(view(&status)["executionMessage"].as_str().unwrap().contains("deleted or disabled"), "{status}");
    package.must("disable", "a", 0);
    package.must("uninstall", "", 0);
    assert!(!is_running(stays) && !machine.data().exists());
}

#[test]
fn a_command_made_anew_under_an_old_name_runs() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    package.run("a", 0, "echo first", "Succeeded");
    package.run("a", 1, "echo second", "Succeeded");
    package.must("disable", "a", 1);
    forget(&package, "a");
    assert_eq!(view(&package.run("a", 0, "echo third", "Succeeded"))["output"], "third\n");
    // an agent that puts a placeholder in the place of the status
    package.must("disable", "a", 0);
    forget(&package, "a");
    let placeholder = json!([{"version": 1.0, "timestampUTC": "2026-11-22T16:00:00Z", "status": {
        "status": "transitioning", "operation": "Enabling Extension", "code": 0,
        "formattedMessage": {"lang": "en-US", "message": "Install/Enable is in progress."}}}]);
    fs::write(package.status_file("a", 0), placeholder.to_string()).unwrap();
    assert_eq!(view(&package.run("a", 0, "echo fourth", "Succeeded"))["output"], "fourth\n");
}

#[test]
fn a_command_that_was_only_stopped_does_not_run_again() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    package.run("a", 0, "echo first", "Succeeded");
    package.must("disable", "a", 0);
    package.settings("a", 0, json!({"source": {"script": "echo second"}}));
    for _ in 0..2 {
        package.must("enable", "a", 0);
    }
    assert_eq!(view(&package.until("a", 0, "Succeeded"))["output"], "first\n");
    assert_eq!(package.output("a", 0, "stdout"), "first\n");
}

#[test]
fn what_a_deleted_command_left_goes_with_the_next_enable_of_any() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    package.run("old", 4, "echo x > file", "Succeeded");
    assert!(machine.data().join("download/old.4/file").exists());
    package.must("disable", "old", 4);
    forget(&package, "old");
    package.run("new", 0, "true", "Succeeded");
    let left = |folder: &str| {
        let entries = fs::read_dir(machine.data().join(folder)).unwrap().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("old")).count()
    };
    assert_eq!((left("run"), left("download")), (0, 0));
    assert!(!package.root.join("old.mrseq").exists());
}

#[test]
fn a_change_of_version_repeats_nothing_and_loses_no_result() {
    let machine = Machine::new();
    let first = machine.unpack("1.0.0");
    first.must("install", "", 0);
    first.run("done", 2, "echo done", "Succeeded");
    first.settings("busy", 1, json!({"source": {"script": "echo busy; sleep 300"}}));
    first.must("enable", "busy", 1);
    wait_for("the run", || (first.output("busy", 1, "stdout") == "busy\n").then_some(()));
    let second = machine.unpack("1.0.1");
    for (name, number) in [("done", 2), ("busy", 1)] {
        first.must("disable", name, number);
    }
    // the agent copies settings, but forgets numbers and statuses: both are brought along all the same
    for entry in fs::read_dir(first.root.join("config")).unwrap().flatten() {
        fs::copy(entry.path(), second.root.join("config").join(entry.file_name())).unwrap();
    }
    let mut update = second.command("update", "", 0);
    update.env("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0").env("VERSION", "1.0.1");
    assert!(update.status().unwrap().success());
    first.must("uninstall", "", 0);
    fs::remove_dir_all(&first.root).unwrap();
    second.must("install", "", 0);
    for (name, number, state) in [("done", 2, "Succeeded"), ("busy", 1, "Canceled")] {
        second.must("enable", name, number);
        let status = second.until(name, number, state);
        assert_eq!(view(&status)["output"], format!("{name}\n"));
        assert_eq!(second.output(name, number, "stdout"), format!("{name}\n"), "it ran again");
    }
}

#[test]
fn a_policy_that_cannot_be_enforced_stops_the_run() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    fs::write(package.root.join("config/waagent_runtime_policy.json"), "{}").unwrap();
    let status = package.run("a", 0, "echo x", "Failed");
    assert_eq!(status["code"], -203);
    assert_eq!(package.output("a", 0, "stdout"), "");
}

#[test]
fn other_words_are_refused() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    for (words, code) in [("start", 2), ("run", 2), ("as-user", 126)] {
        assert_eq!(package.command(words, "a", 0).status().unwrap().code(), Some(code), "{words}");
    }
    let mut run = package.command("run", "a", 0);
    assert_eq!(run.arg("a.0").status().unwrap().code(), Some(2), "nobody handed a lease over");
}
