//! The activity log and the server's own settings.

use domain::{
    activity::{ActivityEntry, ActivityFilter, Outcome},
    page::PageRequest,
};

use crate::{
    fixture::{Fixture, NOW},
    story,
};

story!(lines_are_numbered_in_order_and_found, lines);
async fn lines(f: &Fixture) {
    let vm = f.vm("web-1").await;
    let mut tx = f.store.begin().await.unwrap();
    for (action, outcome) in
        [("installed A", Outcome::Started), ("installed A", Outcome::Failed), ("signed in", Outcome::Succeeded)]
    {
        tx.activity_add(&ActivityEntry {
            number: 0,
            at: NOW,
            actor: "ana".into(),
            action: action.into(),
            outcome,
            vm: action.starts_with("installed").then(|| (vm.id, "web-1".to_owned())),
            extension: None,
            operation: None,
            detail: Some("<script>".into()),
        })
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let mut conn = f.store.read().await.unwrap();
    let all = conn.activity_page(&ActivityFilter::default(), PageRequest::default()).await.unwrap();
    assert_eq!(all.items.iter().map(|e| e.number).collect::<Vec<_>>(), [3, 2, 1]);
    let filter = ActivityFilter { vm: Some(vm.id), outcome: Some(Outcome::Failed), text: "INSTALLED".into() };
    let found = conn.activity_page(&filter, PageRequest::default()).await.unwrap();
    assert_eq!((found.total, found.items[0].number), (1, 2));
}

story!(server_settings_are_kept, server_settings);
async fn server_settings(f: &Fixture) {
    let mut tx = f.store.begin().await.unwrap();
    assert_eq!(tx.server_setting_get("a").await.unwrap(), None);
    tx.server_setting_put("a", "1").await.unwrap();
    tx.server_setting_put("a", "2").await.unwrap();
    tx.notify("vms").await.unwrap();
    assert_eq!(tx.server_setting_get("a").await.unwrap().as_deref(), Some("2"));
}

story!(a_server_setting_is_made_once, server_setting_made);
async fn server_setting_made(f: &Fixture) {
    let mut tx = f.store.begin().await.unwrap();
    assert_eq!(tx.server_setting_once("id", "first").await.unwrap(), "first");
    tx.commit().await.unwrap();
    let mut tx = f.store.begin().await.unwrap();
    assert_eq!(tx.server_setting_once("id", "second").await.unwrap(), "first");
    tx.commit().await.unwrap();
    let mut conn = f.store.read().await.unwrap();
    assert_eq!(conn.server_setting_get("id").await.unwrap().as_deref(), Some("first"));
}
