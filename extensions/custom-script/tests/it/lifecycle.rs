//! The five commands, twice each, and changes of version.

use std::fs;

use serde_json::json;

use crate::machine::{Machine, NAME, Package, is_running, part, wait_for};

#[test]
fn every_command_may_come_twice_and_removal_leaves_only_the_log() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.settings(0, json!({"commandToExecute": "echo run"}));
    for command in ["install", "install", "enable", "enable"] {
        package.must(command, 0);
    }
    let status = package.final_status(0);
    for command in ["enable", "update", "update", "enable", "disable", "disable"] {
        package.must(command, 0);
        assert_eq!(package.status(0).unwrap(), status, "{command} must leave the status alone");
    }
    assert_eq!(package.output(0, "stdout"), "run\n");
    for command in ["uninstall", "uninstall"] {
        package.must(command, 0);
    }
    assert!(!machine.data().exists());
    assert!(machine.log().contains("uninstalled"));
}

#[test]
fn other_words_are_refused() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    for words in ["", "start", "run", "run x", "run 3", "enable 3"] {
        assert_eq!(package.call(words, 0).status.code(), Some(2), "{words}");
    }
    fs::remove_file(package.root.join("HandlerEnvironment.json")).unwrap();
    assert_eq!(package.call("install", 0).status.code(), Some(52));
    let output = package.call("enable", 0);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("HandlerEnvironment.json"));
}

/// What an agent does between two versions; the higher one runs `update`.
fn change_version<'a>(from: &Package<'a>, to_version: &str, number: u64) -> Package<'a> {
    let to = from.machine.unpack(to_version);
    let settings = format!("config/{number}.settings");
    fs::copy(from.root.join(&settings), to.root.join(&settings)).unwrap();
    from.must("disable", number);
    for entry in fs::read_dir(from.root.join("status")).unwrap().flatten() {
        fs::copy(entry.path(), to.root.join("status").join(entry.file_name())).unwrap();
    }
    let version = |package: &Package<'_>| package.root.to_string_lossy().rsplit_once('-').unwrap().1.to_owned();
    let upgrade = version(&to) > version(from);
    // an agent that forgets to carry mrseq must not make a script run again: update carries it
    let (updater, variables) = if upgrade {
        (&to, vec![("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", version(from)), ("VERSION", version(&to))])
    } else {
        (from, vec![("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", version(from)), ("VERSION", version(&to))])
    };
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(updater.call_with("update", number, &variables).status.success());
    from.must("uninstall", number);
    fs::remove_dir_all(&from.root).unwrap();
    to.must("install", number);
    to.must("enable", number);
    to
}

#[test]
fn a_change_of_version_neither_repeats_the_run_nor_loses_its_result() {
    let machine = Machine::new();
    let first = machine.unpack("1.0.0");
    first.must("install", 4);
    let witness = machine.path("witness");
    let status = first.run(4, json!({"commandToExecute": format!("echo run | tee -a {}", witness.display())}));
    let second = change_version(&first, "1.1.0", 4);
    assert_eq!(second.final_status(4), status);
    let third = change_version(&second, "1.0.0", 4);
    assert_eq!(third.final_status(4), status);
    assert_eq!(fs::read_to_string(&witness).unwrap(), "run\n");
    // newer settings run under the present version, and removal still cleans up
    assert_eq!(third.run(5, json!({"commandToExecute": "echo new"}))["status"], "success");
    third.must("disable", 5);
    third.must("uninstall", 5);
    assert!(!machine.data().exists());
}

#[test]
fn a_run_that_outlasts_its_version_reports_to_the_next() {
    let machine = Machine::new();
    let first = machine.unpack("1.0.0");
    // agents keep the output folder in the package's, and remove both with the old version
    first.write_environment_with_output(&first.root.join("output"));
    first.must("install", 4);
    let gate = machine.path("gate");
    let command = format!("echo begun; while [ ! -e {} ]; do sleep 0.05; done; echo done", gate.display());
    first.settings(4, json!({"commandToExecute": command}));
    first.must("enable", 4);
    let stdout = first.root.join("output/4.stdout");
    wait_for("the run", || fs::read_to_string(&stdout).is_ok_and(|text| text == "begun\n").then_some(()));
    let second = change_version(&first, "1.1.0", 4);
    assert!(!stdout.exists());
    assert_eq!(second.status(4).unwrap()["status"], "transitioning");
    fs::write(gate, "").unwrap();
    assert_eq!(part(&second.final_status(4), "StdOut").1, "begun\ndone\n");
}

#[test]
fn a_run_that_ends_between_two_versions_is_shown_by_the_next() {
    let machine = Machine::new();
    let first = machine.unpack("1.0.0");
    first.must("install", 4);
    let status = first.run(4, json!({"commandToExecute": "echo done"}));
    // the agent copied the status while it was not final yet
    let name = "status/4.status";
    let stale = fs::read_to_string(first.root.join(name)).unwrap().replace("\"success\"", "\"transitioning\"");
    fs::write(first.root.join(name), stale).unwrap();
    let second = change_version(&first, "1.1.0", 4);
    assert_eq!(second.final_status(4)["formattedMessage"], status["formattedMessage"]);
}

#[test]
fn removal_ends_a_run() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 1);
    package.settings(1, json!({"commandToExecute": "echo begun; sleep 300"}));
    package.must("enable", 1);
    wait_for("the run", || (package.output(1, "stdout") == "begun\n").then_some(()));
    let runner = package.runner(1);
    package.must("disable", 1);
    assert!(is_running(runner), "disable alone ends nothing");
    package.must("uninstall", 1);
    assert!(!is_running(runner));
    assert!(!machine.data().exists());
}

#[test]
fn a_new_life_begins_without_memories() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 7);
    package.run(7, json!({"commandToExecute": "true"}));
    // an extension that is dropped without uninstall loses its package folder, not its data
    fs::remove_dir_all(machine.lib().join(format!("{NAME}-1.1.0"))).unwrap();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    assert_eq!(part(&package.run(0, json!({"commandToExecute": "echo again"})), "StdOut").1, "again\n");
}
