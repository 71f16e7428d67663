//! The packed packages under the real agent's life cycle: what a user sees from the first install to removal.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod machine;

use std::fs;
use std::path::Path;

use agent_protocol::StatusLevel;
use machine::Machine;
use serde_json::json;

fn machine() -> Machine {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("package");
    let program = env!("CARGO_BIN_EXE_custom-script");
    Machine::new("Annex.Extensions.CustomScript", &packages, program, &["1.0.0", "1.1.0"])
}

#[test]
fn from_the_first_install_to_removal() {
    let mut machine = machine();
    let witness = machine.folder.path().join("witness");
    let run = |words: &str| format!("echo {words} | tee -a {}; echo trouble >&2", witness.display());
    // install, and see both streams
    let first = machine.want("1.0.0", 0, &json!({"commandToExecute": run("one")}));
    assert_eq!(machine.outcome("1.0.0", 0).status, StatusLevel::Success);
    machine.until("the lines of the run", || {
        let lines = machine.lines(first);
        ["stdout one", "stderr trouble"].iter().all(|line| lines.iter().any(|seen| seen == line)).then_some(())
    });
    // change the settings, fail, and see why
    machine.want("1.0.0", 1, &json!({"commandToExecute": format!("{}; exit 3", run("two"))}));
    let failed = machine.outcome("1.0.0", 1);
    assert_eq!((failed.status, failed.code), (StatusLevel::Error, 2));
    assert!(failed.formatted_message.message.contains("exit code 3"), "{failed:?}");
    let parts: Vec<_> =
        failed.substatus.iter().map(|part| (part.name.as_str(), part.formatted_message.message.as_str())).collect();
    assert_eq!(parts, [("StdOut", "two\n"), ("StdErr", "trouble\n"), ("ExitCode", "3")]);
    // update and roll back: the same result, no further run
    for version in ["1.1.0", "1.0.0", "1.1.0"] {
        machine.want(version, 1, &json!({"commandToExecute": "not run"}));
        assert_eq!(machine.outcome(version, 1), failed, "after the change to {version}");
    }
    // the new version's own setting
    machine.want("1.1.0", 2, &json!({"commandToExecute": run("three"), "timeoutInSeconds": 60}));
    assert_eq!(machine.outcome("1.1.0", 2).status, StatusLevel::Success);
    assert_eq!(fs::read_to_string(&witness).unwrap(), "one\ntwo\nthree\n");
    // removal
    machine.remove("1.1.0", 2);
    machine.until("the end of the handler", || machine.handler().is_none().then_some(()));
    assert!(!machine.library().join("custom-script").exists());
}

#[test]
fn lines_arrive_while_it_runs_and_a_killed_agent_misses_nothing() {
    let mut machine = machine();
    let gate = machine.folder.path().join("gate");
    let command = format!("echo one; while [ ! -e {} ]; do sleep 0.02; done; echo two", gate.display());
    let run = machine.want("1.1.0", 0, &json!({"commandToExecute": command}));
    machine.until("the first line", || machine.lines(run).contains(&"stdout one".to_owned()).then_some(()));
    let status = machine.until("a status", || machine.status("1.1.0", 0));
    assert_eq!(status.status, StatusLevel::Transitioning);
    machine.kill_agent();
    fs::write(gate, "").unwrap();
    machine.start_agent();
    assert_eq!(machine.outcome("1.1.0", 0).status, StatusLevel::Success);
    machine.until("all lines, each once", || (machine.lines(run) == ["stdout one", "stdout two"]).then_some(()));
}
