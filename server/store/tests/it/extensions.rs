//! Extensions, their reports and revisions.

use domain::{
    extension::ProvisioningState,
    operation::OperationKind,
    status::{ExtensionResult, HandlerReport, StatusWord},
};
use store::{Error, RevisionRow};

use crate::{
    fixture::{Fixture, NOW},
    story,
};

story!(reports_leave_the_etag_alone, reports);
async fn reports(f: &Fixture) {
    let vm = f.vm("a").await;
    let row = f.extension(&vm, "Script").await;
    let report = HandlerReport {
        incarnation: None,
        version: Some("1.0".parse().unwrap()),
        state: "Ready".into(),
        code: 0,
        message: "ok".into(),
        result: Some(ExtensionResult {
            sequence_number: row.extension.sequence_number,
            status: StatusWord::Success,
            code: 0,
            operation: "Enable".into(),
            message: "fine \u{1F44D}".into(),
            substatuses: Vec::new(),
        }),
        received_at: NOW,
    };
    let mut tx = f.store.begin().await.unwrap();
    tx.extension_report(row.extension.id, Some(&report)).await.unwrap();
    tx.extension_provisioned(row.extension.id, ProvisioningState::Succeeded).await.unwrap();
    tx.commit().await.unwrap();
    let mut conn = f.store.read().await.unwrap();
    let stored = conn.extension_get(vm.id, &"SCRIPT".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(stored.extension.report, Some(report));
    assert_eq!(stored.extension.generation, row.extension.generation);
    assert_eq!(stored.extension.provisioning_state, ProvisioningState::Succeeded);
    assert_eq!(stored.extension.settings, row.extension.settings);
    assert_eq!(stored.protected.as_deref(), Some("sealed"));
    assert_eq!(conn.extension_all().await.unwrap().len(), 1);
    assert_eq!(conn.extension_by_id(row.extension.id).await.unwrap().unwrap().extension.name, row.extension.name);
}

story!(writing_an_old_copy_is_stale, stale);
async fn stale(f: &Fixture) {
    let vm = f.vm("a").await;
    let row = f.extension(&vm, "Script").await;
    let mut tx = f.store.begin().await.unwrap();
    tx.extension_update(&row).await.unwrap();
    assert!(matches!(tx.extension_update(&row).await, Err(Error::Stale { .. })));
    drop(tx);
    let mut twin = row.clone();
    twin.extension.id = domain::ids::ExtensionId::new(uuid::Uuid::now_v7());
    twin.extension.name = "SCRIPT".parse().unwrap();
    let mut tx = f.store.begin().await.unwrap();
    assert!(matches!(tx.extension_insert(&twin).await, Err(Error::Duplicate { .. })));
}

story!(revisions_come_newest_first_and_go_with_their_extension, revisions);
async fn revisions(f: &Fixture) {
    let vm = f.vm("a").await;
    let row = f.extension(&vm, "Script").await;
    let mut tx = f.store.begin().await.unwrap();
    for number in 1..=3 {
        tx.revision_insert(&RevisionRow {
            extension_id: row.extension.id,
            number,
            version: row.extension.version.clone(),
            settings: serde_json::json!({ "n": number }),
            protected: None,
            protected_note: None,
            provision_after: vec!["Base".parse().unwrap()],
            options: Default::default(),
            actor: "ana".into(),
            at: NOW,
            kind: OperationKind::Install,
        })
        .await
        .unwrap();
    }
    tx.revision_delete(row.extension.id, 2).await.unwrap();
    let numbers: Vec<i64> = tx.revision_list(row.extension.id, 10).await.unwrap().iter().map(|r| r.number).collect();
    assert_eq!(numbers, [3, 1]);
    assert_eq!(tx.revision_get(row.extension.id, 3).await.unwrap().unwrap().settings["n"], 3);
    tx.extension_delete(row.extension.id).await.unwrap();
    assert!(tx.revision_list(row.extension.id, 10).await.unwrap().is_empty());
    assert!(tx.extension_list(vm.id).await.unwrap().is_empty());
}
