//! What agents say, what is noticed about it, and the history that comes of it.

use control::{AgentProbe, AgentSays, AgentTells, StatusDocument};
use domain::{
    activity::{ActivityFilter, Outcome},
    agent_days::{DAY_MS, Standing},
    agent_event::AgentEventKind as Kind,
    agent_history::AgentHistory,
    agent_trouble::AgentTrouble,
    agent_words::AgentWords,
    fault::Fault,
    guest_agent::AgentHealth,
    ids::EnrolmentTokenId,
    page::PageRequest,
    portal::{AccountCalls, AgentCalls, VmCalls},
};
use sha2::{Digest, Sha256};
use store::EnrolmentTokenRow;

use crate::fixture::{Fixture, Machine, enrol_request, owner};

/// A relay that speaks for waagent.
fn relay(holder: &str) -> AgentSays {
    let text = |text: &str| Some(text.to_owned());
    AgentSays {
        words: AgentWords {
            version: text("2.7.3"),
            relay: text("0.1.0"),
            holder: text(holder),
            life: text("l1"),
            boot: text("b1"),
            machine: text("m1"),
            process_runs: Some(true),
            clock_wrong: None,
        },
        clock_ms: None,
        fetched_ms_ago: Some(1_000),
        reported_ms_ago: Some(1_000),
        next_ms: Some(6_000),
    }
}

/// A request of the machine, as the gateway brings it.
async fn poll(f: &Fixture, m: &Machine, says: AgentSays) -> Result<(), Fault> {
    let who = f.control.agent_authenticate(m.credential.reveal()).await.map_err(|e| e.into_fault())?;
    f.control.agent_says(&who, says).await.map_err(|e| e.into_fault())?;
    drop(f.control.agent_contact(m.id));
    Ok(())
}

pub async fn poll_of(f: &Fixture, m: &Machine, holder: &str) -> Result<(), String> {
    poll(f, m, relay(holder)).await.map_err(|fault| fault.code)
}

/// Time goes by, and the tasks take their turns.
async fn turn(f: &Fixture, ms: i64) {
    f.pass(ms);
    f.control.contacts_write().await.map_err(|e| e.into_fault()).unwrap();
    f.control.silence_tell().await.map_err(|e| e.into_fault()).unwrap();
}

async fn history(f: &Fixture, m: &Machine) -> AgentHistory {
    f.control.agent_history(&owner(), m.id, PageRequest::default()).await.unwrap()
}

/// Kinds of the events, oldest first, without the enrolment.
pub async fn kinds(f: &Fixture, m: &Machine) -> Vec<Kind> {
    let mut kinds: Vec<_> = history(f, m).await.events.items.iter().map(|e| e.kind).collect();
    kinds.reverse();
    assert_eq!(kinds.remove(0), Kind::Enrolled);
    kinds
}

async fn why(f: &Fixture, m: &Machine) -> Option<AgentTrouble> {
    match f.control.vm_get(&owner(), m.id).await.unwrap().health {
        AgentHealth::NotResponding { why, .. } => Some(why),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_said_again_is_not_written_again() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    poll_of(&f, &m, "h1").await.unwrap();
    turn(&f, 1_000).await;
    let store = store::Store::open(&f.url).await.unwrap();
    let version = async || store.version().await.unwrap();
    let before = version().await;
    for _ in 0..5 {
        f.pass(1_000);
        poll_of(&f, &m, "h1").await.unwrap();
    }
    assert_eq!(version().await, before, "an unchanged poll writes nothing");
    let agent = f.control.vm_get(&owner(), m.id).await.unwrap().vm.agent.unwrap();
    assert_eq!(agent.said.fetched_at, Some(f.control_now().plus_millis(-1_000)), "known all the same");
    turn(&f, 1_000).await;
    assert_ne!(version().await, before, "the batch writes it");
    let other = f.again().await;
    let agent = other.control.vm_get(&owner(), m.id).await.unwrap().vm.agent.unwrap();
    assert_eq!(agent.said.fetched_at, Some(f.control_now().plus_millis(-2_000)));
    assert_eq!((agent.said.next_poll_ms, agent.relay_version.as_deref()), (Some(6_000), Some("0.1.0")));
}

#[tokio::test]
async fn restarts_reboots_versions_and_clocks_are_lines() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    let said = |change: &dyn Fn(&mut AgentSays)| {
        let mut says = relay("h1");
        says.clock_ms = Some(f.control_now().millis());
        change(&mut says);
        says
    };
    poll(&f, &m, said(&|_| ())).await.unwrap();
    poll(&f, &m, said(&|s| s.words.life = Some("l2".into()))).await.unwrap();
    let l2 = |s: &mut AgentSays| {
        (s.words.life, s.words.version, s.words.relay) = (Some("l2".into()), Some("2.16".into()), Some("0.2.0".into()));
    };
    poll(&f, &m, said(&l2)).await.unwrap();
    let clock = |by: i64| {
        said(&move |s| {
            l2(s);
            s.clock_ms = s.clock_ms.map(|ms| ms + by);
        })
    };
    for by in [-61_000, -60_000, -4_000, 0, 4_000] {
        poll(&f, &m, clock(by)).await.unwrap();
    }
    let rebooted = |s: &mut AgentSays| {
        l2(s);
        (s.words.boot, s.words.life, s.words.holder) = (Some("b2".into()), Some("l3".into()), Some("h2".into()));
    };
    poll(&f, &m, said(&rebooted)).await.unwrap();
    let wanted = [
        Kind::AgentRestarted,
        Kind::AgentVersion,
        Kind::RelayVersion,
        Kind::ClockWrong,
        Kind::ClockRight,
        Kind::Rebooted,
    ];
    assert_eq!(kinds(&f, &m).await, wanted);
    let events = history(&f, &m).await.events.items;
    let detail = |kind| events.iter().find(|e| e.kind == kind).unwrap().detail.clone();
    assert_eq!(
        (detail(Kind::AgentVersion).as_str(), detail(Kind::ClockWrong).as_str()),
        ("2.7.3 → 2.16", "1 min 1 s behind the server's")
    );
    // an agent that says its version itself is not contradicted by its reports
    let document = StatusDocument { agent_version: Some("2.16.0.2".into()), ..StatusDocument::default() };
    f.control.status_put(m.id, document).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(kinds(&f, &m).await, wanted);
}

#[tokio::test]
async fn health_is_a_history_with_reasons() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    turn(&f, 20_000).await;
    poll_of(&f, &m, "h1").await.unwrap();
    turn(&f, 1_000).await;
    let gone = |runs| {
        let mut says = relay("h1");
        says.words.process_runs = Some(runs);
        says
    };
    poll(&f, &m, gone(false)).await.unwrap();
    assert_eq!(why(&f, &m).await, Some(AgentTrouble::ProcessGone), "at once");
    let advice = f.control.vm_get(&owner(), m.id).await.unwrap().advice.unwrap();
    assert_eq!(advice.command.as_deref(), Some("systemctl start walinuxagent"));
    turn(&f, 1_000).await;
    poll(&f, &m, gone(true)).await.unwrap();
    turn(&f, 1_000).await;
    turn(&f, 13_000).await;
    turn(&f, 1_000).await;
    assert_eq!(why(&f, &m).await, Some(AgentTrouble::Silent));
    // another process that knows only the database tells nothing twice, and nothing else
    let other = f.again().await;
    turn(&other, 16_000).await;
    poll_of(&f, &m, "h1").await.unwrap();
    turn(&f, 1_000).await;
    turn(&other, 1).await;
    let wanted = [Kind::FirstSeen, Kind::ProcessGone, Kind::ProcessBack, Kind::StoppedAnswering, Kind::AnswersAgain];
    assert_eq!(kinds(&f, &m).await, wanted);
    // the relay goes on, waagent does not ask
    for _ in 0..14 {
        let mut says = relay("h1");
        (says.fetched_ms_ago, says.reported_ms_ago) = (None, None);
        poll(&f, &m, says).await.unwrap();
        turn(&f, 10_000).await;
    }
    assert_eq!(why(&f, &m).await, Some(AgentTrouble::NotFetching));
    assert_eq!(kinds(&f, &m).await.last(), Some(&Kind::StoppedFetching));
}

#[tokio::test]
async fn after_a_start_agents_come_back_before_anybody_is_told_silent() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    poll_of(&f, &m, "h1").await.unwrap();
    turn(&f, 20_000).await;
    assert_eq!(kinds(&f, &m).await, [Kind::StoppedAnswering], "never told as seen, so told as silent");
    poll_of(&f, &m, "h1").await.unwrap();
    turn(&f, 1_000).await;
    f.pass(3_600_000);
    let next = f.again().await;
    turn(&next, 10_000).await;
    assert_eq!(
        kinds(&f, &m).await,
        [Kind::StoppedAnswering, Kind::AnswersAgain],
        "the server was away, not the machine"
    );
    turn(&next, 6_000).await;
    assert_eq!(kinds(&f, &m).await.last(), Some(&Kind::StoppedAnswering), "it does not come back");
}

#[tokio::test]
async fn a_copy_is_refused_and_the_first_goes_on() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    let mut thought = Vec::new();
    for holder in ["h1", "h2", "h1", "h2", "h1", "h2"] {
        f.pass(1_000);
        thought.push(poll_of(&f, &m, holder).await);
    }
    let refused = || Err("MachineIsCopy".to_owned());
    assert_eq!(thought, [Ok(()), Ok(()), Ok(()), refused(), Ok(()), refused()]);
    assert_eq!(kinds(&f, &m).await.iter().filter(|k| **k == Kind::CopyRefused).count(), 1);
    let lines = f.control.activity_list(&owner(), ActivityFilter::default(), PageRequest::default()).await.unwrap();
    assert_eq!(lines.items.iter().filter(|line| line.outcome == Outcome::Refused).count(), 1);
    // a refused request is no contact
    for _ in 0..4 {
        f.pass(20_000);
        assert_eq!(poll_of(&f, &m, "h2").await, refused());
    }
    assert_eq!(why(&f, &m).await, Some(AgentTrouble::RefusedAsCopy));
    poll_of(&f, &m, "h1").await.unwrap();
    assert_eq!(why(&f, &m).await, None);
}

#[tokio::test]
async fn another_fingerprint_is_refused_at_once_until_the_machine_enrols_again() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    let of = |holder: &str, machine: &str| {
        let mut says = relay(holder);
        says.words.machine = Some(machine.into());
        says
    };
    poll(&f, &m, of("h1", "m1")).await.unwrap();
    let fault = poll(&f, &m, of("h2", "m2")).await.unwrap_err();
    assert!(fault.code == "MachineIsCopy" && fault.message.contains("web-1"), "{fault:?}");
    // a server that has just started has not heard of the machine: a copy's question is no contact of it
    let next = f.again().await;
    next.pass(60_000);
    assert!(poll(&next, &m, of("h3", "m2")).await.is_err());
    assert_eq!(why(&next, &m).await, Some(AgentTrouble::RefusedAsCopy));
    poll(&f, &m, of("h1", "m1")).await.unwrap();
    assert_eq!(kinds(&f, &m).await, [Kind::CopyRefused], "once for each streak");
    // on new hardware with a token of its own
    let again = enrol_again(&f, &m).await;
    poll(&f, &again, of("h4", "m2")).await.unwrap();
    assert_eq!(poll(&f, &m, of("h1", "m1")).await.unwrap_err().code, "InvalidCredential");
}

/// The machine enrols again: the same machine with another credential.
async fn enrol_again(f: &Fixture, m: &Machine) -> Machine {
    let token = format!("annex-enrol_{}", uuid::Uuid::now_v7());
    let mut tx = store::Store::open(&f.url).await.unwrap().begin().await.unwrap();
    tx.enrolment_token_insert(&EnrolmentTokenRow {
        id: EnrolmentTokenId::new(uuid::Uuid::now_v7()),
        token_hash: hex::encode(Sha256::digest(&token)),
        vm_id: Some(m.id),
        vm_name: None,
        created_by: "ana".into(),
        created_at: f.control_now(),
        expires_at: f.control_now().plus_millis(60_000),
        used_at: None,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let enrolled = f.control.enrol(enrol_request(&token), "10.0.0.1").await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(enrolled.vm_id, m.id);
    Machine { control: f.control.clone(), id: m.id, credential: enrolled.credential }
}

#[tokio::test]
async fn a_replaced_credential_that_still_asks_is_told() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    poll_of(&f, &m, "h1").await.unwrap();
    let again = enrol_again(&f, &m).await;
    poll_of(&f, &again, "h2").await.unwrap();
    f.pass(60_000);
    for _ in 0..3 {
        f.pass(6_000);
        assert_eq!(poll_of(&f, &m, "h1").await, Err("InvalidCredential".into()));
    }
    assert_eq!(why(&f, &m).await, Some(AgentTrouble::CredentialRefused));
    assert_eq!(kinds(&f, &m).await, [Kind::Enrolled, Kind::CredentialRefused], "told once");
    poll_of(&f, &again, "h2").await.unwrap();
    assert_eq!(why(&f, &m).await, None);
}

#[tokio::test]
async fn what_machines_tell_is_bounded() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    let warning = AgentTells { kind: Kind::AgentWarning, subject: None, detail: "slow".into() };
    let tells =
        async |n: usize| f.control.agent_tells(m.id, vec![warning.clone(); n]).await.map_err(|e| e.into_fault());
    tells(100).await.unwrap();
    assert_eq!(history(&f, &m).await.events.total, 61);
    f.pass(61_000);
    tells(1).await.unwrap();
    let events = history(&f, &m).await.events;
    assert_eq!(events.total, 63);
    assert!(events.items.iter().any(|e| e.kind == Kind::LeftOut && e.detail.starts_with("40 ")));
    let probe = |healthy| vec![AgentProbe { name: "HostPlugin".into(), healthy, description: "timed out".into() }];
    for healthy in [true, false, false, true] {
        f.control.agent_probes(m.id, probe(healthy)).await.map_err(|e| e.into_fault()).unwrap();
    }
    let newest: Vec<_> = history(&f, &m).await.events.items.into_iter().take(2).map(|e| e.kind).collect();
    assert_eq!(newest, [Kind::Healthy, Kind::Unhealthy]);
}

#[tokio::test]
async fn the_strip_knows_when_no_server_was_there() {
    let f = Fixture::new().await;
    f.control.life_note().await.map_err(|e| e.into_fault()).unwrap();
    let m = f.machine("web-1").await;
    poll_of(&f, &m, "h1").await.unwrap();
    turn(&f, 1_000).await;
    for _ in 0..60 {
        f.pass(60_000);
        poll_of(&f, &m, "h1").await.unwrap();
        f.control.life_note().await.map_err(|e| e.into_fault()).unwrap();
    }
    f.pass(2 * 3_600_000);
    let next = f.again().await;
    next.control.life_note().await.map_err(|e| e.into_fault()).unwrap();
    poll_of(&next, &m, "h1").await.unwrap();
    next.pass(30_000);
    let days = history(&next, &m).await.days;
    let total = |standing| days.iter().map(|day| day.millis(standing)).sum::<i64>();
    assert_eq!(days.len(), 30);
    assert_eq!(total(Standing::NotReady), 1_000, "until it was first seen");
    assert_eq!(total(Standing::Ready), 3_599_000 + 60_000 + 1_000 + 30_000);
    assert_eq!(total(Standing::Unknown), 2 * 3_600_000 - 60_000);
    assert!(total(Standing::NotEnrolled) > 28 * DAY_MS);
}

#[tokio::test]
async fn logs_are_zips_and_people_with_an_account_read_them() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    let put = async |bytes: &[u8]| f.control.agent_log_put(m.id, bytes).await.map_err(|e| e.into_fault());
    assert_eq!(put(b"no zip").await.unwrap_err().code, "InvalidParameter");
    put(b"PK\x03\x04 one").await.unwrap();
    let known = history(&f, &m).await;
    assert_eq!(known.logs.iter().map(|log| (log.number, log.bytes)).collect::<Vec<_>>(), [(1, 8)]);
    assert_eq!(known.certificate_thumbprint.as_deref(), Some("7037807198C22A7D2B0807371D763779A84FDFCF"));
    assert_eq!(f.control.agent_log(&owner(), m.id, 1).await.unwrap(), b"PK\x03\x04 one");
    assert_eq!(f.control.agent_log(&owner(), m.id, 2).await.unwrap_err().code, "ResourceNotFound");
    assert_eq!(kinds(&f, &m).await, [Kind::LogReceived]);
}
