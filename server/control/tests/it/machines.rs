//! Enrolment, credentials, silence, removal.

use std::time::Duration;

use control::StatusDocument;
use domain::{
    fault::FaultKind, generation::Incarnation, guest_agent::HealthWord, operation::TargetState, portal::VmCalls,
};

use crate::fixture::{Fixture, enrol_request, owner};

#[tokio::test]
async fn a_token_works_once_and_for_its_time() {
    let f = Fixture::new().await;
    let offer = f.control.enrolment_offer(&owner(), "web".into(), 5).await.unwrap();
    f.control.enrol(enrol_request(&offer.token), "10.0.0.1").await.map_err(|e| e.into_fault()).unwrap();
    let again = f.control.enrol(enrol_request(&offer.token), "10.0.0.1").await.expect_err("used").into_fault();
    let late = f.control.enrolment_offer(&owner(), String::new(), 5).await.unwrap();
    f.pass(5 * 60_000);
    let expired = f.control.enrol(enrol_request(&late.token), "10.0.0.1").await.expect_err("expired").into_fault();
    let guessed =
        f.control.enrol(enrol_request("annex-enrol_guess"), "10.0.0.1").await.expect_err("guessed").into_fault();
    assert_eq!((again.code.as_str(), &again, &again), ("InvalidToken", &expired, &guessed));
    for minutes in [0, 61] {
        assert!(f.control.enrolment_offer(&owner(), String::new(), minutes).await.is_err());
    }
    let taken = f.control.enrolment_offer(&owner(), "WEB".into(), 5).await.unwrap_err();
    assert_eq!(taken.target.as_deref(), Some("name"));
}

#[tokio::test]
async fn enrolment_is_limited_by_address_and_only_for_those_who_fail() {
    let f = Fixture::new().await;
    let enrol = async |token: &str, from: &str| {
        f.control.enrol(enrol_request(token), from).await.map_err(|e| e.into_fault()).map(|e| e.vm_name.to_string())
    };
    let offer = async || f.control.enrolment_offer(&owner(), String::new(), 5).await.unwrap().token;
    for _ in 0..30 {
        enrol(&offer().await, "10.0.0.1").await.unwrap();
    }
    let mut limited = 0;
    for guess in 0..20 {
        let refused = enrol(&format!("annex-enrol_{guess}"), "10.0.0.2").await.unwrap_err();
        limited += usize::from(refused.kind == FaultKind::TooMany);
    }
    assert_eq!(limited, 9, "ten tries, and the one that was too many");
    let good = offer().await;
    assert_eq!(enrol(&good, "10.0.0.2").await.unwrap_err().kind, FaultKind::TooMany, "a good token waits, too");
    enrol(&good, "10.0.0.3").await.expect("it was not used up, and other addresses are not concerned");
    f.pass(6_000);
    enrol(&offer().await, "10.0.0.2").await.expect("a pause later");
}

#[tokio::test]
async fn two_machines_with_one_host_name_get_two_names() {
    let f = Fixture::new().await;
    let mut names = Vec::new();
    for _ in 0..2 {
        let offer = f.control.enrolment_offer(&owner(), String::new(), 5).await.unwrap();
        let enrolled =
            f.control.enrol(enrol_request(&offer.token), "10.0.0.1").await.map_err(|e| e.into_fault()).unwrap();
        names.push(enrolled.vm_name.to_string());
    }
    assert_eq!(names, ["host-1", "host-1-2"]);
}

#[tokio::test]
async fn a_credential_dies_with_its_machine() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    let who = f.control.agent_authenticate(m.credential.reveal()).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!((who.vm_id, who.vm_name.as_str()), (m.id, "web-1"));
    f.control.vm_delete(&owner(), m.id).await.unwrap();
    let fault = f.control.agent_authenticate(m.credential.reveal()).await.expect_err("gone").into_fault();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    assert_eq!(f.operation(id).await.summary.state, TargetState::Canceled);
    assert!(f.control.agent_authenticate("annex-machine_guess").await.is_err());
}

#[tokio::test]
async fn silence_is_told_after_twelve_seconds_and_contact_ends_it() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    let health = async || f.control.vm_get(&owner(), m.id).await.unwrap().health.word();
    assert_eq!(health().await, HealthWord::NeverSeen);
    let held = f.control.agent_contact(m.id);
    f.pass(12_000);
    assert_eq!(health().await, HealthWord::Ready);
    drop(held);
    assert_eq!(health().await, HealthWord::Ready, "the end of a request is no contact");
    f.control.contacts_write().await.map_err(|e| e.into_fault()).unwrap();
    f.pass(1);
    assert_eq!(health().await, HealthWord::NotResponding);
    let other = f.again().await; // another process knows it from the database
    assert_eq!(other.control.vm_get(&owner(), m.id).await.unwrap().health.word(), HealthWord::NotResponding);
    drop(f.control.agent_contact(m.id));
    assert_eq!(health().await, HealthWord::Ready);
}

#[tokio::test]
async fn a_held_request_is_released_by_a_change() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let have = f.control.goal_state_current(m.id).await.map_err(|e| e.into_fault()).unwrap();
    let control = f.control.clone();
    let held = tokio::spawn(async move { control.goal_state_wait(m.id, have, Duration::from_secs(30)).await });
    tokio::task::yield_now().await;
    f.install(m.id, "x").await;
    let released = tokio::time::timeout(Duration::from_secs(5), held).await.expect("released").unwrap();
    assert_eq!(released.map_err(|e| e.into_fault()).unwrap(), have.next());
    let unchanged = f.control.goal_state_wait(m.id, have.next(), Duration::from_millis(20)).await;
    assert_eq!(unchanged.map_err(|e| e.into_fault()).unwrap(), have.next());
}

#[tokio::test]
async fn a_status_of_a_machine_without_extensions_is_noted() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    let document = StatusDocument {
        agent_version: Some("2.0".into()),
        incarnation: Some(Incarnation::new(1)),
        hostname: Some("renamed".into()),
        ..StatusDocument::default()
    };
    f.control.status_put(m.id, document).await.map_err(|e| e.into_fault()).unwrap();
    let vm = f.control.vm_get(&owner(), m.id).await.unwrap().vm;
    let agent = vm.agent.unwrap();
    assert_eq!(
        (agent.version.as_str(), agent.reported_incarnation, vm.hostname.as_deref()),
        ("2.0", Some(Incarnation::new(1)), Some("renamed"))
    );
}
