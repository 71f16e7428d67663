//! Where the host permits nothing: refused, or without isolation if the owner accepts that.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use control::compute::Compute;

use super::harness::{Machine, TestLab, processes_of, program, wait};

/// A program like ours on a host that refuses every trial.
fn refusing(folder: &std::path::Path) -> PathBuf {
    let path = folder.join("refusing.sh");
    let text = format!(
        "#!/bin/sh\nspec=$(cat)\ncase $spec in\n*Probe*) echo '{{\"Failed\":\"making namespaces: Operation not permitted\"}}' ;;\n\
         *) printf %s \"$spec\" | {} \"$@\" ;;\nesac\n",
        program().display()
    );
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn without_namespaces_machines_wait_for_the_owners_word() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let test = TestLab::open_with(refusing(folder.path())).await;
    let isolation = test.lab.isolation();
    assert!(!isolation.isolated && isolation.explanation.contains("Operation not permitted"), "{isolation:?}");
    let mut machine = Machine::new(test.folder.path(), "bare", false);
    let refusal = test.lab.start(&machine.vm).await.expect_err("refused");
    assert!(refusal.contains("rights of the portal's own user"), "{refusal}");
    assert_eq!(test.lab.running().await, []);

    machine.vm.risk_accepted = true;
    let words = test.lab.start(&machine.vm).await.expect("started");
    assert!(words.starts_with("Not isolated"), "{words}");
    wait("the agent runs", || machine.console().contains("agent run"));
    assert!(machine.console().contains("token token-of-the-test for 2"), "{}", machine.console());
    assert_eq!(test.lab.running().await, [machine.vm.id]);
    let began = processes_of(machine.vm.id).len();
    assert!(began >= 2, "init and agent, but {began}");
    test.lab.erase(machine.vm.id).await.expect("erased");
    assert_eq!(processes_of(machine.vm.id), [""; 0]);
    assert!(!machine.folder().exists());
}
