//! A machine was off while much happened: it does what is wanted now, once, and what came in between says so.

use agent::sim::Script;
use domain::{
    actor::Actor,
    ids::{OperationId, VmId},
    operation::TargetState,
    portal::{ExtensionCalls, OperationCalls},
};

use crate::harness::{Package, Portal};

#[tokio::test]
async fn only_the_newest_of_many_changes_runs() {
    let portal = Portal::start().await;
    for package in [
        Package::probe(),
        Package { version: "1.1.0", ..Package::probe() },
        Package { kind: "Other", ..Package::probe() },
    ] {
        portal.publish(&package).await;
    }
    let mut machine = portal.machine("alpha").await;
    machine.default_script(Script::succeed().line("it ran"));
    let vm: VmId = machine.credential().vm_id.parse().unwrap();
    portal.put_of("Other", &machine, "once").await;
    machine.settle().await.unwrap();

    let mut replaced: Vec<OperationId> = vec![portal.install(&machine).await];
    for number in 1..=5 {
        replaced.push(portal.put(&machine, &format!("change {number}")).await);
    }
    let (system, probe) = (Actor::system(), "Probe".parse().unwrap());
    let update =
        portal.control.extension_change_version(&system, vm, probe, "1.1.0".parse().unwrap(), None).await.unwrap();
    let removal = portal.control.extension_remove(&system, vm, "Other".parse().unwrap()).await.unwrap();
    machine.settle().await.unwrap();

    let state = async |id| portal.control.operation_get(&system, id).await.unwrap();
    for id in replaced {
        let detail = state(id).await;
        assert_eq!(detail.summary.state, TargetState::Superseded);
        assert!(detail.targets[0].target.message.contains("Replaced by a newer change"), "{detail:?}");
        let output = portal.control.operation_output(&system, id, vm, 0).await.unwrap();
        assert!(output.records.is_empty() && output.complete, "it never ran");
    }
    assert_eq!(state(removal).await.summary.state, TargetState::Succeeded);
    let last = state(update).await;
    assert_eq!(last.summary.state, TargetState::Succeeded, "{last:#?}");
    let output = portal.control.operation_output(&system, update, vm, 0).await.unwrap();
    let ran = output.records.iter().filter(|r| format!("{:?}", r.entry).contains("it ran")).count();
    assert_eq!(ran, 1, "once, with everything that was wanted");
    let there = portal.control.extension_get(&system, vm, "Probe".parse().unwrap()).await.unwrap();
    let report = there.summary.extension.report.expect("it reported");
    assert_eq!(report.version.unwrap().to_string(), "1.1.0");
    assert_eq!(there.summary.extension.settings["say"], "change 5");
    assert_eq!(report.result.unwrap().sequence_number, there.summary.extension.sequence_number);
    assert!(portal.control.extension_get(&system, vm, "Other".parse().unwrap()).await.is_err(), "it is gone");
}
