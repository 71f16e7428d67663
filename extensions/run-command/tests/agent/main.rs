//! The packed package under the real agent's life cycle.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../custom-script/tests/agent/machine.rs"]
#[expect(dead_code, reason = "the other handlers' tests need more of it")]
mod machine;

use std::fs;
use std::path::Path;

use agent::handler::Wish;
use agent_protocol::{ExtensionStatus, StatusLevel};
use machine::{Machine, instance};
use serde_json::{Value, json};

/// The status of one named command with settings of this number.
fn status(machine: &Machine, name: &str, sequence: u64) -> Option<ExtensionStatus> {
    let settings = machine.handlers().into_iter().filter_map(|handler| handler.runtime_settings_status);
    let mut mine = settings.filter(|settings| {
        settings.extension_name.as_deref() == Some(name) && settings.sequence_number == Some(sequence)
    });
    mine.next()?.settings_status.map(|status| status.status)
}

fn view(status: &ExtensionStatus) -> Value {
    serde_json::from_str(&status.formatted_message.message).unwrap_or_default()
}

#[test]
fn named_commands_from_the_first_install_to_removal() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("package");
    let program = env!("CARGO_BIN_EXE_run-command");
    let mut machine = Machine::new("Annex.Extensions.RunCommand", &packages, program, &["1.0.0"]);
    let gate = machine.folder.path().join("gate");
    let source = |script: &str| json!({"source": {"script": script}});
    let slow = source(&format!("echo begun; while [ ! -e {} ]; do sleep 0.02; done; echo done", gate.display()));
    let ended = |machine: &Machine, name: &str, sequence: u64, state: &str| {
        machine.until(state, || {
            let status = status(machine, name, sequence).filter(|status| status.status.is_terminal())?;
            (view(&status)["executionState"] == state).then_some(status)
        })
    };
    // two names at once; the lines of the one that runs arrive while it does
    let run = machine.apply_all(
        "1.0.0",
        Wish::Enabled,
        vec![instance("slow", 0, &slow), instance("quick", 0, &source("echo quick; exit 3"))],
    );
    machine.until("a line", || machine.lines(run).contains(&"stdout begun".to_owned()).then_some(()));
    let quick = ended(&machine, "quick", 0, "Failed");
    assert_eq!((quick.status, view(&quick)["exitCode"].as_i64()), (StatusLevel::Success, Some(3)));
    assert_eq!(status(&machine, "slow", 0).unwrap().status, StatusLevel::Transitioning);
    fs::write(gate, "").unwrap();
    assert_eq!(view(&ended(&machine, "slow", 0, "Succeeded"))["output"], "begun\ndone\n");
    machine.until("all lines, each once", || {
        let mut lines = machine.lines(run);
        lines.sort();
        (lines == ["stdout begun", "stdout done", "stdout quick"]).then_some(())
    });
    // one is deleted and made anew, the other one changes
    let mut deleted = instance("quick", 0, &json!({}));
    deleted.enabled = false;
    machine.apply_all("1.0.0", Wish::Enabled, vec![instance("slow", 0, &slow), deleted]);
    machine.until("the end of the command", || status(&machine, "quick", 0).is_none().then_some(()));
    machine.apply_all(
        "1.0.0",
        Wish::Enabled,
        vec![instance("slow", 1, &source("echo changed")), instance("quick", 0, &source("echo anew"))],
    );
    assert_eq!(view(&ended(&machine, "quick", 0, "Succeeded"))["output"], "anew\n");
    assert_eq!(view(&ended(&machine, "slow", 1, "Succeeded"))["output"], "changed\n");
    // removal
    machine.apply_all("1.0.0", Wish::Uninstalled, vec![instance("slow", 1, &json!({}))]);
    machine.until("the end of the handler", || machine.handlers().is_empty().then_some(()));
    assert!(!machine.library().join("run-command").exists());
}
