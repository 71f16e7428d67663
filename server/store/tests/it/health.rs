//! The rule of health is written twice, in `domain` and as SQL: both are asked about the same machines.

use std::collections::BTreeMap;

use domain::{
    agent_words::AgentWords,
    generation::Generation,
    guest_agent::{AgentKind, HealthWord, SILENT_AFTER_MS, SILENT_AFTER_POLLING_MS, UNREPORTED_AFTER_MS},
    operation::OperationKind,
    page::PageRequest,
    timestamp::Timestamp,
    vm::{PowerState, VmFilter},
};
use store::ContactTimes;

use crate::{
    agent_history::{agent, contact},
    fixture::{Fixture, NOW},
    story,
};

const LONG_AGO: Timestamp = NOW.plus_millis(-10 * UNREPORTED_AFTER_MS);

/// How one machine stands.
struct Case {
    name: &'static str,
    power: PowerState,
    /// Milliseconds since the last contact.
    contact: Option<i64>,
    relay: bool,
    runs: Option<bool>,
    holder_since: Timestamp,
    fetched: Option<i64>,
    reported: Option<i64>,
    at_work: bool,
}

const WELL: Case = Case {
    name: "well",
    power: PowerState::Unknown,
    contact: Some(1_000),
    relay: true,
    runs: Some(true),
    holder_since: LONG_AGO,
    fetched: Some(3_000),
    reported: Some(3_000),
    at_work: false,
};

const CASES: &[Case] = &[
    WELL,
    Case { name: "off", power: PowerState::Stopped, ..WELL },
    Case { name: "stopping", power: PowerState::Stopping, contact: None, ..WELL },
    Case { name: "never", contact: None, ..WELL },
    Case { name: "just-silent", contact: Some(SILENT_AFTER_MS + 1), ..WELL },
    Case { name: "not-yet-silent", contact: Some(SILENT_AFTER_MS), ..WELL },
    Case { name: "gone", runs: Some(false), ..WELL },
    Case { name: "gone-no-relay", runs: Some(false), relay: false, ..WELL },
    Case { name: "unknown-process", runs: None, ..WELL },
    Case { name: "fetch-late", fetched: Some(SILENT_AFTER_POLLING_MS + 1), ..WELL },
    Case { name: "fetch-just", fetched: Some(SILENT_AFTER_POLLING_MS), ..WELL },
    Case { name: "fetch-never", fetched: None, ..WELL },
    Case { name: "fetch-never-no-relay", fetched: None, relay: false, ..WELL },
    Case { name: "fetch-new-relay", fetched: None, holder_since: NOW, ..WELL },
    Case { name: "report-late", reported: Some(UNREPORTED_AFTER_MS + 1), ..WELL },
    Case { name: "report-just", reported: Some(UNREPORTED_AFTER_MS), ..WELL },
    Case { name: "report-late-at-work", reported: Some(UNREPORTED_AFTER_MS + 1), at_work: true, ..WELL },
    Case { name: "report-never", reported: None, ..WELL },
    Case { name: "gone-at-work", runs: Some(false), at_work: true, ..WELL },
];

async fn machine(f: &Fixture, case: &Case) {
    let vm = f.vm(case.name).await;
    if case.at_work {
        let row = f.extension(&vm, "Script").await;
        let mut target = f.operation(&row, OperationKind::Install, 1).await;
        target.target.picked_up_at = Some(NOW);
        let mut tx = f.store.begin().await.unwrap();
        tx.target_update(&target).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = f.store.begin().await.unwrap();
    let mut vm = tx.vm_get(vm.id).await.unwrap().unwrap();
    vm.power = case.power;
    vm.generation = Generation::default();
    tx.vm_update(&vm).await.unwrap();
    let mut new = agent(vm.id, case.name);
    (new.kind, new.enrolled_at) = (AgentKind::Waagent, LONG_AGO);
    tx.agent_put(&new).await.unwrap();
    let words = AgentWords {
        version: Some("2".into()),
        relay: case.relay.then(|| "1".into()),
        holder: Some("h".into()),
        process_runs: case.runs,
        ..AgentWords::default()
    };
    tx.agent_words_put(vm.id, &AgentWords::default(), &words, case.holder_since).await.unwrap();
    if let Some(ms) = case.contact {
        let ago = |ms: Option<i64>| ms.map(|ms| NOW.plus_millis(-ms));
        let times = ContactTimes {
            fetched_at: ago(case.fetched),
            reported_at: ago(case.reported),
            ..contact(NOW.plus_millis(-ms))
        };
        tx.agent_contact(vm.id, &times).await.unwrap();
    }
    tx.commit().await.unwrap();
}

story!(filters_and_counts_know_the_rule_of_health, agrees);
async fn agrees(f: &Fixture) {
    for case in CASES {
        machine(f, case).await;
    }
    f.vm("nothing").await;
    let mut conn = f.store.read().await.unwrap();
    let all = conn.vm_all().await.unwrap();
    let mut expected: BTreeMap<HealthWord, Vec<String>> = BTreeMap::new();
    for vm in &all {
        expected.entry(vm.agent_health(NOW).word()).or_default().push(vm.name.to_string());
    }
    assert_eq!(expected.len(), HealthWord::ALL.len(), "the cases know every word: {expected:?}");
    let troubles: std::collections::BTreeSet<_> = all.iter().map(|vm| vm.agent_health(NOW).code()).collect();
    for code in ["silent", "process-gone", "not-fetching", "not-reporting"] {
        assert!(troubles.contains(code), "no case for {code}");
    }
    for (word, names) in &expected {
        let filter = VmFilter { health: Some(*word), ..VmFilter::default() };
        let found = conn.vm_page(&filter, PageRequest::default(), NOW).await.unwrap();
        let found: Vec<_> = found.items.iter().map(|vm| vm.name.to_string()).collect();
        assert_eq!(found, *names, "{word:?}");
    }
    let counts: BTreeMap<_, _> = conn.health_counts(NOW).await.unwrap().0.into_iter().collect();
    assert_eq!(counts, expected.iter().map(|(word, names)| (*word, names.len() as u64)).collect());
}

story!(a_change_of_health_is_told_by_one, told);
async fn told(f: &Fixture) {
    for case in CASES {
        machine(f, case).await;
    }
    let mut tx = f.store.begin().await.unwrap();
    let to_tell = tx.agents_to_tell(NOW).await.unwrap();
    assert_eq!(to_tell.len(), CASES.len() - 1, "all but the one that was never seen, which is what was told");
    for (vm, told) in &to_tell {
        assert!(tx.agent_told(vm.id, told, vm.agent_health(NOW).code()).await.unwrap());
        assert!(!tx.agent_told(vm.id, told, vm.agent_health(NOW).code()).await.unwrap(), "the second comes too late");
    }
    let again = tx.agents_to_tell(NOW).await.unwrap();
    assert!(again.iter().all(|(vm, told)| told == vm.agent_health(NOW).code()), "only troubles are looked at again");
    assert!(again.iter().all(|(vm, _)| vm.agent_health(NOW).word() == HealthWord::NotResponding));
}
