//! Operations, their parts and the records of runs.

use domain::{
    generation::Incarnation,
    operation::{Observation, OperationFilter, OperationKind, TargetState},
    page::PageRequest,
    run_output::{OutputEntry, OutputRecord, Stream},
};
use store::Error;

use crate::{
    fixture::{Fixture, NOW},
    story,
};

story!(every_kind_is_stored_and_read_back, kinds);
async fn kinds(f: &Fixture) {
    let vm = f.vm("web-1").await;
    let row = f.extension(&vm, "Script").await;
    for kind in OperationKind::ALL {
        let target = f.operation(&row, kind, 1).await;
        let mut conn = f.store.read().await.unwrap();
        let stored = conn.target_get(target.target.operation_id, vm.id).await.unwrap().unwrap();
        assert_eq!(stored.target, target.target);
        let (operation, finished) = conn.operation_get(target.target.operation_id).await.unwrap().unwrap();
        assert_eq!((operation.kind, finished), (kind, None));
    }
    let mut conn = f.store.read().await.unwrap();
    assert_eq!(conn.target_open_on(vm.id).await.unwrap().len(), OperationKind::ALL.len());
    assert_eq!(conn.target_open_all().await.unwrap().len(), OperationKind::ALL.len());
    assert_eq!(conn.target_of_extension(row.extension.id, 3).await.unwrap().len(), 3);
}

story!(an_operation_settles_when_its_last_part_ends, settles);
async fn settles(f: &Fixture) {
    let vm = f.vm("web-1").await;
    let row = f.extension(&vm, "Script").await;
    let mut target = f.operation(&row, OperationKind::Install, 1).await;
    let id = target.target.operation_id;
    let mut tx = f.store.begin().await.unwrap();
    tx.operation_settle(id).await.unwrap();
    assert_eq!(tx.operation_counts(NOW.plus_millis(-1)).await.unwrap(), (1, 0));
    target.target = target.target.observe(&Observation::MachineRemoved, NOW.plus_millis(7)).unwrap();
    tx.target_update(&target).await.unwrap();
    assert!(matches!(tx.target_update(&target).await, Err(Error::Stale { .. })));
    drop(tx);
    let mut tx = f.store.begin().await.unwrap();
    tx.target_update(&target).await.unwrap();
    tx.operation_settle(id).await.unwrap();
    tx.commit().await.unwrap();
    let mut conn = f.store.read().await.unwrap();
    assert_eq!(conn.operation_get(id).await.unwrap().unwrap().1, Some(NOW.plus_millis(7)));
    assert_eq!(conn.operation_counts(NOW.plus_millis(-1)).await.unwrap(), (0, 0));
    let open = OperationFilter { open_only: true, ..OperationFilter::default() };
    assert_eq!(conn.operation_page(&open, PageRequest::default()).await.unwrap().total, 0);
    let text = OperationFilter { text: "WEB-1".into(), ..OperationFilter::default() };
    assert_eq!(conn.operation_page(&text, PageRequest::default()).await.unwrap().total, 1);
    assert_eq!(conn.target_list(id).await.unwrap()[0].target.state, TargetState::Canceled);
}

story!(records_find_the_newest_part_that_can_own_them, runs);
async fn runs(f: &Fixture) {
    let vm = f.vm("web-1").await;
    let row = f.extension(&vm, "Script").await;
    let old = f.operation(&row, OperationKind::Install, 3).await;
    let new = f.operation(&row, OperationKind::RunAgain, 5).await;
    let mut tx = f.store.begin().await.unwrap();
    let handler = "ANNEX.Extensions.CustomScript";
    let mut at = async |incarnation| {
        let found = tx.target_for_run(vm.id, handler, "script", Incarnation::new(incarnation)).await.unwrap();
        found.map(|t| t.target.operation_id)
    };
    assert_eq!(at(2).await, None);
    assert_eq!(at(4).await, Some(old.target.operation_id));
    assert_eq!(at(9).await, Some(new.target.operation_id));
    let record = |n| OutputRecord {
        n,
        at: NOW,
        entry: OutputEntry::Line { stream: Stream::Stderr, text: format!("line {n} \u{0}") },
    };
    let mut moved = new.clone();
    (moved.next_record, moved.output_lines) = (2, 2);
    for n in 0..2 {
        let mut clean = record(n);
        clean.entry = OutputEntry::Line { stream: Stream::Stderr, text: format!("line {n}") };
        tx.run_record_insert(new.target.operation_id, vm.id, &clean).await.unwrap();
    }
    assert!(tx.run_cursor_put(&moved, 0, new.run_incarnation).await.unwrap());
    assert!(!tx.run_cursor_put(&moved, 0, new.run_incarnation).await.unwrap(), "another process had moved it");
    let records = tx.run_record_list(new.target.operation_id, vm.id, 1, 10).await.unwrap();
    assert_eq!(records.iter().map(|r| r.n).collect::<Vec<_>>(), [1]);
    tx.run_records_drop(NOW.plus_millis(1)).await.unwrap();
    assert_eq!(tx.run_record_list(new.target.operation_id, vm.id, 0, 10).await.unwrap().len(), 2, "it is open still");
}
