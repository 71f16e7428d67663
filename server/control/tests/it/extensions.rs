//! Changes of extensions from acceptance to result.

use control::EnrolRequest;
use domain::{
    activity::{ActivityFilter, Outcome},
    extension::{ExtensionState, ProtectedChange, ProvisioningState},
    fault::FaultKind,
    operation::{OperationKind, TargetState},
    page::PageRequest,
    portal::{AccountCalls, ExtensionCalls, OperationCalls, VmCalls},
    secret::Secret,
    status::StatusWord,
};
use serde_json::json;

use crate::fixture::{Fixture, enrol_request, form, having, name, owner, package};

#[tokio::test]
async fn install_run_fail_change_update_roll_back_remove() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    f.publish("1.1.0").await;
    let m = f.machine("web-1").await;
    let mut put = f.put(m.id, json!({"commandToExecute": "true"}));
    put.version = Some("1.0.0".parse().unwrap());
    let id = f.control.put_extension(&owner(), put).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(f.operation(id).await.summary.state, TargetState::Queued);
    f.pass(40);
    let at = m.fetch().await;
    let detail = f.operation(id).await;
    assert_eq!(detail.summary.state, TargetState::Running);
    assert_eq!(detail.targets[0].target.steps[0].duration_ms, Some(40));
    m.report(at, 0, StatusWord::Success, 0).await;
    let done = f.operation(id).await;
    assert_eq!((done.summary.state, done.targets[0].stdout.as_deref()), (TargetState::Succeeded, Some("out 0")));

    // other settings: the next sequence number; the script exits 3
    let mut change = form();
    change.targets = vec![m.id.to_string()];
    change.version = "1.0.0".into();
    change.settings.insert("commandToExecute".into(), "exit 3".into());
    let id = f.control.extension_put(&owner(), change).await.unwrap();
    let at = m.fetch().await;
    m.report(at, 0, StatusWord::Success, 0).await; // still about the settings before
    assert_eq!(f.operation(id).await.summary.state, TargetState::Running);
    m.report(at, 1, StatusWord::Error, 3).await;
    let failed = f.operation(id).await;
    assert_eq!(failed.summary.state, TargetState::Failed);
    assert_eq!(failed.targets[0].target.exit_code, Some(3));
    assert!(failed.targets[0].target.fault.as_ref().unwrap().message.contains("exit code 3"));

    // retry: once more with the same settings
    let retry = f.control.operation_retry(&owner(), id).await.unwrap();
    let at = m.fetch().await;
    m.report(at, 2, StatusWord::Success, 0).await;
    assert_eq!(f.operation(retry).await.summary.operation.retry_of, Some(id));

    // a version change keeps the sequence number and waits for the new version's report
    let detail = f.control.extension_get(&owner(), m.id, name()).await.unwrap();
    assert_eq!(detail.summary.update.as_ref().map(ToString::to_string).as_deref(), Some("1.1.0"));
    let seen = Some(detail.summary.extension.generation);
    let up = f.control.extension_change_version(&owner(), m.id, name(), "1.1.0".parse().unwrap(), seen).await.unwrap();
    let at = m.fetch().await;
    m.report_version(at, 2, StatusWord::Success, 0, "1.0.0").await;
    assert_eq!(f.operation(up).await.summary.state, TargetState::Running, "the old version said so");
    m.report_version(at, 2, StatusWord::Success, 0, "1.1.0").await;
    assert_eq!(f.operation(up).await.summary.state, TargetState::Succeeded);

    // back to the first revision: version and settings
    let back = f.control.extension_roll_back(&owner(), m.id, name(), 1, None).await.unwrap();
    let at = m.fetch().await;
    m.report_version(at, 3, StatusWord::Success, 0, "1.0.0").await;
    assert_eq!(f.operation(back).await.summary.state, TargetState::Succeeded);
    let detail = f.control.extension_get(&owner(), m.id, name()).await.unwrap();
    assert_eq!(detail.summary.extension.settings["commandToExecute"], "true");
    assert_eq!(detail.summary.state, ExtensionState::Ready);
    assert_eq!(detail.runs.len(), 5);

    let gone = f.control.extension_remove(&owner(), m.id, name()).await.unwrap();
    let at = m.fetch().await;
    m.document(at, Vec::new()).await;
    assert_eq!(f.operation(gone).await.summary.state, TargetState::Succeeded);
    assert!(f.control.vm_get(&owner(), m.id).await.unwrap().extensions.is_empty());
    let log = f
        .control
        .activity_list(&owner(), ActivityFilter { vm: Some(m.id), ..Default::default() }, PageRequest::default())
        .await
        .unwrap();
    let ended = |outcome| log.items.iter().filter(|e| e.operation.is_some() && e.outcome == outcome).count();
    assert_eq!((ended(Outcome::Started), ended(Outcome::Succeeded), ended(Outcome::Failed)), (6, 5, 1));
}

#[tokio::test]
async fn changes_that_no_machine_has_begun_are_replaced_and_running_ones_refuse_others() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let first = f.install(m.id, "one").await;
    let replaced = f.install(m.id, "two").await;
    assert_eq!(f.operation(first).await.summary.state, TargetState::Superseded);
    let second = f.control.extension_run_again(&owner(), m.id, name(), None).await.unwrap();
    // nothing of it is on the machine yet, so all of these are the installation
    for id in [replaced, second] {
        assert_eq!(f.operation(id).await.summary.operation.kind, OperationKind::Install);
    }
    let detail = f.control.extension_get(&owner(), m.id, name()).await.unwrap();
    assert_eq!(detail.summary.extension.provisioning_state, ProvisioningState::Creating);
    let at = m.fetch().await;
    let refused = f.control.extension_run_again(&owner(), m.id, name(), None).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (FaultKind::Conflict, "OperationNotAllowed"));
    assert!(refused.message.contains(&second.to_string()));
    let uncancellable = f.control.operation_cancel(&owner(), second, None).await.unwrap_err();
    assert!(uncancellable.message.contains("has begun"));
    let wanted = f.control.wanted(m.id).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(wanted.extensions[0].settings["commandToExecute"], "two");
    m.report(at, 2, StatusWord::Success, 0).await;
    assert_eq!(f.operation(second).await.summary.state, TargetState::Succeeded);
}

#[tokio::test]
async fn a_withdrawn_change_goes_back_to_what_the_machine_has() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    // an installation that never began goes away
    let id = f.install(m.id, "one").await;
    f.control.operation_cancel(&owner(), id, None).await.unwrap();
    assert_eq!(f.operation(id).await.summary.state, TargetState::Canceled);
    assert!(f.control.vm_get(&owner(), m.id).await.unwrap().extensions.is_empty());
    // nor does one that replaced another leave anything
    f.install(m.id, "one").await;
    let id = f.install(m.id, "two").await;
    f.control.operation_cancel(&owner(), id, None).await.unwrap();
    assert!(f.control.vm_get(&owner(), m.id).await.unwrap().extensions.is_empty());
    // a change that never began, on top of another that never began, goes back to the first that did
    let id = f.install(m.id, "one").await;
    let at = m.fetch().await;
    m.report(at, 0, StatusWord::Success, 0).await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::Succeeded);
    f.install(m.id, "two").await;
    let third = f.install(m.id, "three").await;
    f.control.operation_cancel(&owner(), third, Some(m.id)).await.unwrap();
    let wanted = f.control.wanted(m.id).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(wanted.extensions[0].settings["commandToExecute"], "one");
    assert_eq!(wanted.extensions[0].sequence_number, 0, "the machine has these settings already: nothing runs again");
    let detail = f.control.extension_get(&owner(), m.id, name()).await.unwrap();
    assert_eq!(detail.summary.extension.provisioning_state, ProvisioningState::Succeeded);
}

#[tokio::test]
async fn protected_settings_go_to_the_machine_and_nowhere_else() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let mut put = f.put(m.id, json!({"commandToExecute": "true"}));
    put.protected = ProtectedChange::Replace(Secret::new(r#"{"password":"canary-4711"}"#));
    f.control.put_extension(&owner(), put).await.map_err(|e| e.into_fault()).unwrap();
    let wanted = f.control.wanted(m.id).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(wanted.extensions[0].protected.as_ref().unwrap().reveal(), r#"{"password":"canary-4711"}"#);
    m.report(wanted.incarnation, 0, StatusWord::Success, 0).await;
    // keeping, rolling back and changing something else keep the secret
    let mut again = form();
    again.targets = vec![m.id.to_string()];
    again.settings.insert("commandToExecute".into(), "false".into());
    f.control.extension_put(&owner(), again).await.unwrap();
    let wanted = f.control.wanted(m.id).await.map_err(|e| e.into_fault()).unwrap();
    assert!(wanted.extensions[0].protected.as_ref().unwrap().reveal().contains("canary-4711"));
    let detail = f.control.extension_get(&owner(), m.id, name()).await.unwrap();
    let view = f.control.vm_instance_view(&owner(), m.id).await.unwrap();
    let shown = format!("{detail:?} {} {view} {wanted:?}", serde_json::to_string(&detail).unwrap());
    assert!(!shown.contains("canary-4711"), "a page or a log could show it");
    assert_eq!(detail.summary.extension.protected.unwrap().keys, ["password"]);
    let path = f.url.trim_start_matches("sqlite://");
    for file in [path.to_owned(), format!("{path}-wal")] {
        let bytes = std::fs::read(file).unwrap_or_default();
        assert!(!bytes.windows(11).any(|w| w == b"canary-4711"), "the database holds it in clear");
    }
}

#[tokio::test]
async fn wrong_settings_are_refused_under_their_field() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let refuse = async |settings, protected: Option<&str>| {
        let mut put = f.put(m.id, settings);
        put.protected = protected.map_or(ProtectedChange::Keep, |p| ProtectedChange::Replace(Secret::new(p)));
        f.control.put_extension(&owner(), put).await.expect_err("refused").into_fault()
    };
    let both = refuse(json!({"commandToExecute": ""}), Some(r#"{"password":"abc"}"#)).await;
    assert_eq!(both.messages_for("settings.commandToExecute"), ["This needs at least 1 characters."]);
    assert_eq!(both.messages_for("protectedSettings.password"), ["This needs at least 4 characters."]);
    assert!(!format!("{both:?}").contains("\"abc\""), "a finding must not show a secret");
    let misplaced = refuse(json!({"commandToExecute": "a", "password": "hunter22"}), None).await;
    assert!(misplaced.messages_for("settings.password")[0].contains("is a secret"));
    assert!(!format!("{misplaced:?}").contains("hunter22"));
    let twice = refuse(json!({"commandToExecute": "a"}), Some(r#"{"commandToExecute":"b"}"#)).await;
    assert!(twice.message.contains("given twice"));
    assert!(refuse(json!({}), None).await.message.contains("Give commandToExecute"));
    assert!(refuse(json!({"commandToExecute": "a", "tims": 1}), None).await.message.contains("no setting tims"));
    assert!(refuse(json!({"commandToExecute": "a", "times": "x"}), None).await.message.contains("a whole number"));
    assert!(refuse(json!("text"), None).await.message.contains("JSON object"));
    let mut unknown = f.put(m.id, json!({"commandToExecute": "a"}));
    unknown.version = Some("9.9".parse().unwrap());
    let fault = f.control.put_extension(&owner(), unknown).await.expect_err("no such version").into_fault();
    assert_eq!((fault.code.as_str(), fault.message.contains("1.0.0")), ("ArtifactVersionNotFound", true));
}

#[tokio::test]
async fn stale_copies_second_instances_and_unchanged_settings_are_refused() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    f.install(m.id, "one").await;
    let at = m.fetch().await;
    m.report(at, 0, StatusWord::Success, 0).await;
    let seen = f.control.extension_get(&owner(), m.id, name()).await.unwrap().summary.extension.generation;
    let mut put = f.put(m.id, json!({"commandToExecute": "one"}));
    let same = f.control.put_extension(&owner(), put.clone()).await.expect_err("nothing changes").into_fault();
    assert!(same.message.contains("Nothing would change"));
    put.settings = json!({"commandToExecute": "two"});
    put.if_match = Some(seen);
    f.control.put_extension(&owner(), put.clone()).await.map_err(|e| e.into_fault()).unwrap();
    put.settings = json!({"commandToExecute": "three"});
    let stale = f.control.put_extension(&owner(), put.clone()).await.expect_err("an old copy").into_fault();
    assert_eq!((stale.kind, stale.code.as_str()), (FaultKind::Stale, "PreconditionFailed"));
    put.if_match = None;
    put.name = "Other".parse().unwrap();
    let twin = f.control.put_extension(&owner(), put).await.expect_err("one configuration a machine").into_fault();
    assert_eq!(twin.code, "BadRequest");
    assert!(twin.message.contains("'Script' with handler"), "{}", twin.message);
    let reader = having("rita", domain::actor::Role::Reader);
    let refused = f.control.extension_remove(&reader, m.id, name()).await.unwrap_err();
    assert_eq!(refused.kind, FaultKind::Forbidden);
}

#[tokio::test]
async fn all_machines_or_none() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let (a, b) = (f.machine("a").await, f.machine("b").await);
    f.install(b.id, "x").await;
    b.fetch().await; // runs now, so another change of it is refused
    let mut put = f.put(a.id, json!({"commandToExecute": "y"}));
    put.targets.push(b.id);
    assert!(f.control.put_extension(&owner(), put).await.is_err());
    assert!(
        f.control.vm_get(&owner(), a.id).await.unwrap().extensions.is_empty(),
        "nothing was written for the first machine"
    );
    let operations = f.control.operation_list(&owner(), Default::default(), PageRequest::default()).await.unwrap();
    assert_eq!((operations.total, operations.items[0].operation.kind), (1, OperationKind::Install));
}

#[tokio::test]
async fn a_package_for_other_machines_is_refused_in_words() {
    let f = Fixture::new().await;
    let offer = f.control.enrolment_offer(&owner(), "arm".into(), 5).await.unwrap();
    let arm = EnrolRequest { architecture: "aarch64".into(), ..enrol_request(&offer.token) };
    let arm = f.control.enrol(arm, "10.0.0.1").await.map_err(|e| e.into_fault()).unwrap().vm_id;
    let intel = f.machine("intel").await.id;
    f.publish("1.0.0").await;
    let windows = package("2.0.0", |files| {
        files.iter_mut().for_each(|(_, text)| *text = text.replace("\"os\":[\"linux\"]", "\"os\":[\"windows\"]"));
    });
    f.control.image_publish(&owner(), windows.into()).await.map_err(|e| e.into_fault()).unwrap();
    for (vm, version, words) in
        [(arm, "1.0.0", "is built for x86_64; arm is aarch64"), (intel, "2.0.0", "is for windows; intel runs Linux")]
    {
        let mut put = f.put(vm, json!({"commandToExecute": "x"}));
        put.version = Some(version.parse().unwrap());
        let refused = f.control.put_extension(&owner(), put).await.expect_err("refused").into_fault();
        assert_eq!(refused.code, "ExtensionNotSupported");
        assert!(refused.message.contains(words), "{}", refused.message);
        let mut asked = form();
        (asked.targets, asked.version) = (vec![vm.to_string()], version.into());
        asked.settings = [("commandToExecute".to_owned(), "x".to_owned())].into();
        let rows = f.control.extension_preflight(&owner(), asked).await.unwrap();
        assert!(rows[0].refusal.as_ref().is_some_and(|fault| fault.message.contains(words)), "{rows:?}");
    }
}
