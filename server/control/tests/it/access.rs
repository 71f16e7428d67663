//! Roles at scopes: what a grant allows on one machine, in a group, everywhere.

use domain::{
    actor::{Actor, Role},
    ids::VmId,
    portal::{ExtensionCalls, OperationCalls, VmCalls},
    scope::{Grant, Scope},
    vm::PowerAction,
};

use crate::fixture::{Fixture, form, name, owner};

fn with(role: Role, scope: Scope) -> Actor {
    Actor { grants: vec![Grant { role, scope }], ..Actor::nobody("ci") }
}

fn put_on(vm: VmId, command: &str) -> domain::extension::ExtensionForm {
    let mut form = form();
    form.targets = vec![vm.to_string()];
    form.settings.insert("commandToExecute".into(), command.into());
    form
}

#[tokio::test]
async fn a_role_on_one_machine_holds_for_every_use_case_there_and_for_none_elsewhere() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let (mine, other) = (f.machine("mine").await, f.machine("other").await);
    let operator = with(Role::ExtensionOperator, Scope::Vm(mine.id));
    let c = &f.control;
    let operation = c.extension_put(&operator, put_on(mine.id, "true")).await.unwrap();
    assert_eq!(c.operation_get(&operator, operation).await.unwrap().targets[0].cancel, None);
    c.operation_cancel(&operator, operation, None).await.unwrap();
    f.install(other.id, "true").await;
    let theirs = f.install(mine.id, "false").await;
    assert!(c.vm_get(&operator, mine.id).await.unwrap().extension_change.is_none());
    assert!(c.extension_get(&operator, mine.id, name()).await.unwrap().change.is_none());
    c.operation_get(&operator, theirs).await.unwrap();
    let preflight = c.extension_preflight(&operator, put_on(other.id, "id")).await.unwrap();
    assert_eq!(preflight[0].refusal.as_ref().unwrap().code, "AuthorizationFailed");

    let version = "1.0.0".parse().unwrap();
    let elsewhere = c.operation_list(&owner(), Default::default(), Default::default()).await.unwrap();
    let elsewhere = elsewhere.items.iter().find(|o| o.machines.iter().any(|m| m.as_str() == "other")).unwrap();
    let refusals = [
        ("put", c.extension_put(&operator, put_on(other.id, "id")).await.map(drop)),
        ("run again", c.extension_run_again(&operator, other.id, name(), None).await.map(drop)),
        ("version", c.extension_change_version(&operator, other.id, name(), version, None).await.map(drop)),
        ("roll back", c.extension_roll_back(&operator, other.id, name(), 1, None).await.map(drop)),
        ("remove", c.extension_remove(&operator, other.id, name()).await.map(drop)),
        ("get", c.extension_get(&operator, other.id, name()).await.map(drop)),
        ("machine", c.vm_get(&operator, other.id).await.map(drop)),
        ("instance view", c.vm_instance_view(&operator, other.id).await.map(drop)),
        ("operation", c.operation_get(&operator, elsewhere.operation.id).await.map(drop)),
        ("cancel", c.operation_cancel(&operator, elsewhere.operation.id, None).await),
        ("retry", c.operation_retry(&operator, elsewhere.operation.id).await.map(drop)),
        ("output", c.operation_output(&operator, elsewhere.operation.id, other.id, 0).await.map(drop)),
        // what the role does not have, on the very machine
        ("power", c.vm_power(&operator, mine.id, PowerAction::Stop).await.map(drop)),
        ("tags", c.vm_tags_put(&operator, mine.id, Default::default()).await),
        ("flag", c.vm_allow_extensions(&operator, mine.id, false).await),
        ("enrol", c.enrolment_offer_for(&operator, mine.id, 5).await.map(drop)),
        ("delete", c.vm_delete(&operator, mine.id).await),
        // what is asked for the whole portal
        ("list", c.vm_list(&operator, Default::default(), Default::default()).await.map(drop)),
        ("register", c.vm_register(&operator, "new".into()).await.map(drop)),
    ];
    for (what, refusal) in refusals {
        assert_eq!(refusal.unwrap_err().code, "AuthorizationFailed", "{what}");
    }
}

#[tokio::test]
async fn a_role_in_a_group_holds_for_its_machines_and_for_new_ones() {
    let f = Fixture::new().await;
    let machine = f.machine("web").await;
    let contributor = |group: &str| with(Role::VmContributor, Scope::ResourceGroup(group.parse().unwrap()));
    let tags = || [("a".to_owned(), "b".to_owned())].into();
    f.control.vm_tags_put(&contributor("DEFAULT"), machine.id, tags()).await.unwrap();
    f.control.vm_register(&contributor("default"), "db".into()).await.unwrap();
    let stranger = contributor("elsewhere");
    assert!(f.control.vm_tags_put(&stranger, machine.id, tags()).await.is_err());
    assert!(f.control.vm_register(&stranger, "db-2".into()).await.is_err());
    let refused = f.control.lab_accept_risk(&contributor("default"), true).await.unwrap_err();
    assert!(refused.message.contains("Owner"), "{}", refused.message);
}
