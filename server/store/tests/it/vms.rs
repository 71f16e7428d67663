//! Machines: names, pages, filters, goal states.

use domain::{
    guest_agent::{AgentKind, HealthWord, SILENT_AFTER_MS},
    page::PageRequest,
    vm::VmFilter,
};
use store::{Error, NewAgent};

use crate::{
    fixture::{Fixture, NOW},
    story,
};

story!(names_are_unique_without_case, names_are_unique);
async fn names_are_unique(f: &Fixture) {
    let vm = f.vm("Web-1").await;
    let mut again = vm.clone();
    again.id = domain::ids::VmId::new(uuid::Uuid::now_v7());
    again.name = "wEB-1".parse().unwrap();
    let mut tx = f.store.begin().await.unwrap();
    assert!(matches!(tx.vm_insert(&again, None).await, Err(Error::Duplicate { .. })));
    drop(tx);
    let mut conn = f.store.read().await.unwrap();
    let found = conn.vm_by_name(&"DEFAULT".parse().unwrap(), &"WEB-1".parse().unwrap()).await.unwrap();
    assert_eq!(found, Some(vm));
}

story!(changes_compare_and_set, changes);
async fn changes(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    let mut changed = vm.clone();
    changed.tags.insert("name".into(), "'); drop table vms; --".into());
    tx.vm_update(&changed).await.unwrap();
    assert!(matches!(tx.vm_update(&changed).await, Err(Error::Stale { .. })), "the second write saw an old generation");
    tx.commit().await.unwrap();
    let stored = f.store.read().await.unwrap().vm_get(vm.id).await.unwrap().unwrap();
    assert_eq!(stored.tags, changed.tags);
    assert_eq!(stored.generation, vm.generation.next());
}

story!(a_dropped_transaction_leaves_nothing, dropped);
async fn dropped(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    tx.vm_delete(vm.id).await.unwrap();
    assert_eq!(tx.vm_get(vm.id).await.unwrap(), None);
    drop(tx);
    let mut tx = f.store.begin().await.unwrap();
    assert!(tx.vm_get(vm.id).await.unwrap().is_some());
}

story!(goal_states_rise_and_ticks_never_go_back, goal_states);
async fn goal_states(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    let first = tx.goal_state_raise(vm.id, NOW.plus_millis(5)).await.unwrap();
    let (_, ticks) = tx.goal_state_get(vm.id).await.unwrap().unwrap();
    // the clock jumps back a day
    let second = tx.goal_state_raise(vm.id, NOW.plus_millis(-86_400_000)).await.unwrap();
    let (current, later) = tx.goal_state_get(vm.id).await.unwrap().unwrap();
    assert_eq!((first.get(), second.get(), current), (1, 2, second));
    assert_eq!(later, ticks + 1);
}

story!(pages_filter_sort_and_count, pages);
async fn pages(f: &Fixture) {
    for name in ["web-10", "web-2", "db-1", "100%_x"] {
        // a per cent sign is no good name; the stored text is searched literally all the same
        f.vm(&name.replace(['%', '_'], "p")).await;
    }
    let silent = f.vm("silent").await;
    let mut tx = f.store.begin().await.unwrap();
    tx.agent_put(&NewAgent {
        vm_id: silent.id,
        kind: AgentKind::Native,
        version: "1".into(),
        credential_hash: "h".into(),
        certificate: None,
        enrolled_at: NOW,
    })
    .await
    .unwrap();
    tx.agent_contact(silent.id, &crate::agent_history::contact(NOW.plus_millis(-SILENT_AFTER_MS - 1))).await.unwrap();
    tx.commit().await.unwrap();
    let mut conn = f.store.read().await.unwrap();
    let names =
        |page: domain::page::Page<domain::vm::Vm>| page.items.iter().map(|v| v.name.to_string()).collect::<Vec<_>>();
    let filter = |text: &str| VmFilter { text: text.into(), ..VmFilter::default() };
    let page = conn.vm_page(&filter("WEB"), PageRequest::new(1, 1), NOW).await.unwrap();
    assert_eq!((page.total, page.items.len(), page.last()), (2, 1, 2));
    assert_eq!(names(conn.vm_page(&filter("%"), PageRequest::default(), NOW).await.unwrap()), Vec::<String>::new());
    assert_eq!(names(conn.vm_page(&filter("env=prod"), PageRequest::default(), NOW).await.unwrap()).len(), 5);
    let word = |health| VmFilter { health: Some(health), sort: "-name".into(), ..VmFilter::default() };
    assert_eq!(
        names(conn.vm_page(&word(HealthWord::NotResponding), PageRequest::default(), NOW).await.unwrap()),
        ["silent"]
    );
    let without = conn.vm_page(&word(HealthWord::NotInstalled), PageRequest::default(), NOW).await.unwrap();
    assert_eq!(names(without), ["web-2", "web-10", "db-1", "100ppx"]);
    let (counts, _) = conn.health_counts(NOW).await.unwrap();
    assert_eq!(counts, [(HealthWord::NotResponding, 1), (HealthWord::NotInstalled, 4)]);
    let to_tell = conn.agents_to_tell(NOW).await.unwrap();
    assert_eq!(to_tell.iter().map(|(v, _)| v.id).collect::<Vec<_>>(), [silent.id]);
}
