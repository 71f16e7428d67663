//! The story of a machine: enrol, wait, take up, report.

use std::time::{Duration, Instant};

use agent::sim::{Script, Step};
use axum::http::Method;
use domain::{
    actor::Actor,
    operation::TargetState,
    portal::{OperationCalls, VmCalls},
};

use crate::harness::{Package, Portal, eventually};

fn bearer(credential: &str) -> String {
    format!("Bearer {credential}")
}

#[tokio::test]
async fn a_click_becomes_a_result() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.script("Test.Handlers.Probe", Script::succeed().line("one").line("two").downloading());
    machine.settle().await.unwrap();

    let operation = portal.install(&machine).await;
    assert!(matches!(machine.step().await.unwrap(), Step::TookUp(_)));
    machine.settle().await.unwrap();

    let detail = portal.control.operation_get(&Actor::system(), operation).await.unwrap();
    assert_eq!(detail.summary.state, TargetState::Succeeded, "{detail:#?}");
    let vm = detail.targets[0].target.vm_id;
    let output = portal.control.operation_output(&Actor::system(), operation, vm, 0).await.unwrap();
    let lines: Vec<String> = output
        .records
        .iter()
        .filter_map(|r| match &r.entry {
            domain::run_output::OutputEntry::Line { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(lines, ["one", "two"]);
}

#[tokio::test]
async fn a_held_goal_state_is_released_by_a_change() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    let incarnation = machine.settle().await.unwrap().unwrap();
    let path = format!("/machine/?comp=goalstate&wait=55&incarnation={incarnation}");
    let (http, credential) = (portal.http.clone(), bearer(&machine.credential().credential));
    let held = tokio::spawn(async move {
        let answer = http.send(Method::GET, &path, &[("authorization", &credential)], Vec::new()).await;
        (answer, Instant::now())
    });
    let id = machine.credential().vm_id.parse().unwrap();
    eventually("the request is held", async || {
        let vm = portal.control.vm_get(&Actor::system(), id).await.unwrap();
        matches!(vm.health, domain::guest_agent::AgentHealth::Ready).then_some(())
    })
    .await;
    assert!(!held.is_finished(), "unchanged goal states are held");
    portal.install(&machine).await;
    let changed = Instant::now();
    let (answer, at) = held.await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains(&format!("<Incarnation>{}</Incarnation>", incarnation + 1)), "{}", answer.text());
    assert!(at.saturating_duration_since(changed) < Duration::from_millis(500), "released at once");
}

#[tokio::test]
async fn a_client_that_did_not_ask_is_answered_at_once_and_a_hold_ends_on_time() {
    let portal = Portal::start().await;
    let mut machine = portal.machine("alpha").await;
    let incarnation = machine.settle().await.unwrap().unwrap();
    let credential = bearer(&machine.credential().credential);
    let ask = async |query: &str| {
        let begun = Instant::now();
        let path = format!("/machine/?comp=goalstate{query}");
        let answer = portal.http.send(Method::GET, &path, &[("authorization", &credential)], Vec::new()).await;
        assert_eq!(answer.status, 200);
        begun.elapsed()
    };
    assert!(ask("").await < Duration::from_millis(800));
    assert!(ask(&format!("&wait=55&incarnation={}", incarnation - 1)).await < Duration::from_millis(800), "outdated");
    let one_second = ask(&format!("&wait=1&incarnation={incarnation}")).await;
    assert!((Duration::from_millis(950)..Duration::from_secs(3)).contains(&one_second), "{one_second:?}");
}

#[tokio::test]
async fn shutdown_releases_held_requests_and_drains() {
    let mut portal = Portal::start().await;
    let mut machine = portal.machine("alpha").await;
    let incarnation = machine.settle().await.unwrap().unwrap();
    let path = format!("/machine/?comp=goalstate&wait=55&incarnation={incarnation}");
    let (http, credential) = (portal.http.clone(), bearer(&machine.credential().credential));
    let held =
        tokio::spawn(async move { http.send(Method::GET, &path, &[("authorization", &credential)], vec![]).await });
    let connected = async || {
        let figures = portal.control.metrics().await.unwrap_or_else(|e| panic!("{}", e.into_fault()));
        (figures.agents_connected == 1).then_some(())
    };
    eventually("the request is held", connected).await;
    let (cut, took) = portal.stop().await;
    assert_eq!(cut, 0, "nothing had to be cut");
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(held.await.unwrap().status, 200);
}

#[tokio::test]
async fn secrets_reach_the_machine_enveloped_and_nobody_else() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.settle().await.unwrap();
    portal.install(&machine).await;
    let path = format!("/machine/{}/extensions-config", machine.credential().vm_id);
    let credential = bearer(&machine.credential().credential);
    let document = portal.http.send(Method::GET, &path, &[("authorization", &credential)], Vec::new()).await.text();
    assert!(document.contains("protectedSettings"), "{document}");
    assert!(!document.contains("canary"), "the secret is not in clear");
    assert!(document.contains("hello"));

    let owner = portal.owner().await;
    let vm = &machine.credential().vm_id;
    for page in ["/", "/vms", &format!("/vms/{vm}"), &format!("/vms/{vm}/extensions/Probe"), "/operations", "/activity"]
    {
        let answer = owner.get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(!answer.text().contains("canary"), "{page} shows a secret");
    }
    for file in ["annex.db", "annex.db-wal"] {
        let bytes = std::fs::read(portal.folder().join(file)).unwrap_or_default();
        assert!(!bytes.windows(6).any(|w| w == b"canary"), "{file} holds a secret in clear");
    }
}

#[tokio::test]
async fn an_enrolment_token_works_once() {
    let portal = Portal::start().await;
    let offer = portal.control.enrolment_offer(&Actor::system(), String::new(), 10).await.unwrap();
    agent::sim::SimAgent::enrol(&portal.url, &offer.token, "first").await.unwrap();
    for token in [offer.token.as_str(), "annex-enrol-guessed", ""] {
        let refused = agent::sim::SimAgent::enrol(&portal.url, token, "second").await;
        assert!(refused.is_err(), "{token:?} enrolled");
    }
    let machines = portal.control.vm_list(&Actor::system(), Default::default(), Default::default()).await.unwrap();
    assert_eq!(machines.total, 1);
}
