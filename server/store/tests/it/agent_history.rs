//! What agents say, who holds their credentials, what happened to them, and what they collected.

use domain::{
    agent_copy::Holder,
    agent_days::Standing,
    agent_event::{AgentEvent, AgentEventKind, DETAIL_LONGEST},
    agent_words::AgentWords,
    guest_agent::{AgentKind, Refusal},
    ids::{AgentEventId, ServerLifeId, VmId},
    page::PageRequest,
    timestamp::Timestamp,
};
use store::{Conn, ContactTimes, NewAgent};
use uuid::Uuid;

use crate::{
    fixture::{Fixture, NOW},
    story,
};

const DAY: i64 = 86_400_000;

pub fn agent(vm: VmId, hash: &str) -> NewAgent {
    NewAgent {
        vm_id: vm,
        kind: AgentKind::Waagent,
        version: "2.7.3".into(),
        credential_hash: hash.into(),
        certificate: None,
        enrolled_at: NOW,
    }
}

pub const fn contact(at: Timestamp) -> ContactTimes {
    ContactTimes { contact_at: at, fetched_at: None, reported_at: None, next_poll_ms: None, clock_skew_ms: None }
}

fn words(holder: &str, runs: bool) -> AgentWords {
    AgentWords {
        version: Some("2.16".into()),
        relay: Some("0.1.0".into()),
        holder: Some(holder.into()),
        process_runs: Some(runs),
        ..AgentWords::default()
    }
}

story!(what_an_agent_says_is_kept_until_it_enrols_again, said);
async fn said(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    tx.agent_put(&agent(vm.id, "one")).await.unwrap();
    tx.agent_words_hold(vm.id).await.unwrap();
    let before = tx.agent_words(vm.id).await.unwrap().unwrap();
    assert_eq!(before, AgentWords { version: Some("2.7.3".into()), ..AgentWords::default() });
    tx.agent_words_put(vm.id, &before, &words("h1", true), NOW).await.unwrap();
    let known = tx.agent_words(vm.id).await.unwrap().unwrap();
    assert_eq!(known, words("h1", true));
    let later = NOW.plus_millis(9);
    tx.agent_words_put(vm.id, &known, &words("h1", false), later).await.unwrap();
    let times = ContactTimes {
        fetched_at: Some(NOW.plus_millis(3)),
        next_poll_ms: Some(6_000),
        clock_skew_ms: Some(-7),
        ..contact(NOW.plus_millis(4))
    };
    tx.agent_contact(vm.id, &times).await.unwrap();
    tx.agent_contact(vm.id, &contact(NOW.plus_millis(5))).await.unwrap();
    tx.agent_refused(vm.id, Refusal::Copy, NOW).await.unwrap();
    let stored = tx.vm_get(vm.id).await.unwrap().unwrap().agent.unwrap();
    assert_eq!((stored.version.as_str(), stored.relay_version.as_deref()), ("2.16", Some("0.1.0")));
    assert_eq!((stored.said.holder_since, stored.said.process), (Some(NOW), Some((false, later))));
    assert_eq!(stored.said.fetched_at, Some(NOW.plus_millis(3)), "what is not said again stays");
    assert_eq!((stored.said.next_poll_ms, stored.said.clock_skew_ms), (Some(6_000), Some(-7)));
    assert_eq!(stored.said.refused, Some((Refusal::Copy, NOW)));
    assert_eq!(tx.agent_by_credential("one").await.unwrap().unwrap().holder.as_deref(), Some("h1"));

    tx.agent_put(&agent(vm.id, "two")).await.unwrap();
    let anew = tx.vm_get(vm.id).await.unwrap().unwrap().agent.unwrap();
    assert_eq!((anew.said, anew.last_contact_at, anew.relay_version), (Default::default(), None, None));
    assert_eq!(tx.former_credential("one").await.unwrap(), Some(vm.id));
    assert_eq!(tx.former_credential("two").await.unwrap(), None, "it is the present one");
    tx.former_credentials_drop(NOW.plus_millis(91 * DAY)).await.unwrap();
    assert_eq!(tx.former_credential("one").await.unwrap(), None);
}

story!(holders_stand_in_the_order_of_their_coming, holders);
async fn holders(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    tx.agent_put(&agent(vm.id, "one")).await.unwrap();
    // within one millisecond, and with a clock that goes back
    for (name, at) in [("z", NOW), ("a", NOW), ("m", NOW.plus_millis(-DAY))] {
        tx.agent_holder_add(vm.id, &Holder { name: name.into(), refused: false }, at).await.unwrap();
    }
    tx.agent_holder_refuse(vm.id, "a").await.unwrap();
    let known: Vec<_> = tx.agent_holders(vm.id).await.unwrap().into_iter().map(|h| (h.name, h.refused)).collect();
    assert_eq!(known, [("z".to_owned(), false), ("a".to_owned(), true), ("m".to_owned(), false)]);
    for number in 0..40 {
        let holder = Holder { name: format!("h{number}"), refused: false };
        tx.agent_holder_add(vm.id, &holder, NOW).await.unwrap();
    }
    let known = tx.agent_holders(vm.id).await.unwrap();
    assert_eq!((known.len(), known[29].name.as_str()), (30, "h39"), "the oldest are forgotten");
    tx.agent_put(&agent(vm.id, "two")).await.unwrap();
    assert_eq!(tx.agent_holders(vm.id).await.unwrap(), []);
}

async fn event(conn: &mut Conn, vm: VmId, at: Timestamp, kind: AgentEventKind, standing: Option<Standing>) {
    let event = AgentEvent { at, kind, subject: Some("s".into()), detail: "ü".repeat(2 * DETAIL_LONGEST), standing };
    conn.agent_event_add(vm, AgentEventId::new(Uuid::now_v7()), &event).await.unwrap();
}

story!(the_history_of_an_agent_is_read_in_pages_and_tidied, history);
async fn history(f: &Fixture) {
    let (vm, other) = (f.vm("a").await, f.vm("b").await);
    let mut tx = f.store.begin().await.unwrap();
    let ago = |days: i64| NOW.plus_millis(-days * DAY);
    event(&mut tx, vm.id, ago(90), AgentEventKind::Enrolled, Some(Standing::NotReady)).await;
    event(&mut tx, vm.id, ago(80), AgentEventKind::FirstSeen, Some(Standing::Ready)).await;
    event(&mut tx, vm.id, ago(79), AgentEventKind::AgentRestarted, None).await;
    event(&mut tx, vm.id, ago(1), AgentEventKind::StoppedAnswering, Some(Standing::NotReady)).await;
    event(&mut tx, vm.id, ago(1), AgentEventKind::AnswersAgain, Some(Standing::Ready)).await;
    event(&mut tx, other.id, ago(1), AgentEventKind::SwitchedOff, Some(Standing::Off)).await;
    let first = tx.agent_event_page(vm.id, PageRequest::new(1, 2)).await.unwrap();
    let kinds: Vec<_> = first.items.iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [AgentEventKind::AnswersAgain, AgentEventKind::StoppedAnswering], "newest first, ties by id");
    assert_eq!((first.total, first.items[0].detail.chars().count()), (5, DETAIL_LONGEST));
    let (before, after) = tx.agent_standings(vm.id, ago(30)).await.unwrap();
    assert_eq!(before, Some(Standing::Ready));
    assert_eq!(after, [(ago(1), Standing::NotReady), (ago(1), Standing::Ready)]);

    tx.agent_events_drop(NOW).await.unwrap();
    let left: Vec<_> = tx.agent_event_page(vm.id, PageRequest::default()).await.unwrap().items;
    let left: Vec<_> = left.iter().map(|e| e.kind).collect();
    let wanted = [AgentEventKind::AnswersAgain, AgentEventKind::StoppedAnswering, AgentEventKind::FirstSeen];
    assert_eq!(left, wanted, "the newest old one that tells how it stood is kept");

    for _ in 0..1_010 {
        event(&mut tx, vm.id, NOW, AgentEventKind::AgentWarning, None).await;
    }
    tx.agent_events_drop(NOW).await.unwrap();
    assert_eq!(tx.agent_event_page(vm.id, PageRequest::default()).await.unwrap().total, 1_003);
    assert_eq!(tx.agent_standings(vm.id, ago(30)).await.unwrap().0, Some(Standing::Ready), "chatter displaces nothing");
    tx.vm_delete(vm.id).await.unwrap();
    assert_eq!(tx.agent_event_page(vm.id, PageRequest::default()).await.unwrap().total, 0);
    assert_eq!(tx.agent_event_page(other.id, PageRequest::default()).await.unwrap().total, 1);
}

story!(the_newest_three_logs_are_kept_whole, logs);
async fn logs(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    let large: Vec<u8> = (0..2_500_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    for bytes in [&b"one"[..], b"two", &large, b"four"] {
        tx.agent_log_add(vm.id, NOW, bytes).await.unwrap();
    }
    let kept: Vec<_> = tx.agent_logs(vm.id).await.unwrap().iter().map(|log| (log.number, log.bytes)).collect();
    assert_eq!(kept, [(4, 4), (3, 2_500_000), (2, 3)]);
    assert_eq!(tx.agent_log_bytes(vm.id, 3).await.unwrap().unwrap(), large);
    assert_eq!(tx.agent_log_bytes(vm.id, 1).await.unwrap(), None);
    tx.vm_delete(vm.id).await.unwrap();
    assert_eq!(tx.agent_log_bytes(vm.id, 3).await.unwrap(), None);
}

story!(lives_of_servers_are_told_apart, lives);
async fn lives(f: &Fixture) {
    let (one, two) = (ServerLifeId::new(Uuid::now_v7()), ServerLifeId::new(Uuid::now_v7()));
    let mut tx = f.store.begin().await.unwrap();
    for (id, began, at) in [(one, 0, 0), (one, 0, 60), (two, 100, 100), (two, 100, 160)] {
        tx.server_lives_on(id, NOW.plus_millis(began), NOW.plus_millis(at)).await.unwrap();
    }
    let all = [(NOW, NOW.plus_millis(60)), (NOW.plus_millis(100), NOW.plus_millis(160))];
    assert_eq!(tx.server_lives(NOW).await.unwrap(), all);
    assert_eq!(tx.server_lives(NOW.plus_millis(61)).await.unwrap(), all[1..]);
    tx.server_lives_drop(NOW.plus_millis(40 * DAY + 61)).await.unwrap();
    assert_eq!(tx.server_lives(NOW).await.unwrap(), all[1..]);
}
