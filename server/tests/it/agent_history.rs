//! What agents say, tell and collect, over the wire and on the page.

use agent::sim::SimAgent;
use agent_protocol::{
    TelemetryData,
    contact::{AgentContact, HEADER, MAX_HEADER_BYTES},
    telemetry::{Parameter, TelemetryEvent},
};
use axum::http::Method;
use domain::{
    actor::{Actor, Role},
    agent_event::AgentEventKind as Kind,
    page::PageRequest,
    portal::AgentCalls,
};

use crate::harness::{Answer, Portal, eventually};

fn says(holder: &str, machine: &str) -> AgentContact {
    AgentContact {
        version: Some("2.7.3".into()),
        relay: Some("0.1.0".into()),
        holder: Some(holder.into()),
        machine: Some(machine.into()),
        fetched_ms_ago: Some(10),
        next_ms: Some(6_000),
        process_runs: Some(true),
        ..AgentContact::default()
    }
}

async fn ask(portal: &Portal, machine: &SimAgent, header: &str) -> Answer {
    let credential = format!("Bearer {}", machine.credential().credential);
    let headers = [("authorization", credential.as_str()), (HEADER, header)];
    portal.http.send(Method::GET, "/machine/?comp=goalstate", &headers, Vec::new()).await
}

async fn send(portal: &Portal, machine: &SimAgent, method: Method, path: &str, body: Vec<u8>) -> u16 {
    let credential = format!("Bearer {}", machine.credential().credential);
    portal.http.send(method, path, &[("authorization", credential.as_str())], body).await.status.as_u16()
}

async fn kinds(portal: &Portal, machine: &SimAgent) -> Vec<Kind> {
    let vm = machine.credential().vm_id.parse().unwrap();
    let history = portal.control.agent_history(&Actor::system(), vm, PageRequest::default()).await.unwrap();
    history.events.items.into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_copy_is_refused_by_name_and_its_machine_served() {
    let portal = Portal::start().await;
    let machine = portal.machine("alpha").await;
    assert_eq!(ask(&portal, &machine, &says("h1", "m1").render()).await.status, 200);
    let refused = ask(&portal, &machine, &says("h2", "m2").render()).await;
    assert_eq!((refused.status.as_u16(), refused.json()["error"]["code"].as_str()), (401, Some("MachineIsCopy")));
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("token of its own"));
    assert_eq!(ask(&portal, &machine, &says("h1", "m1").render()).await.status, 200);
    assert!(kinds(&portal, &machine).await.contains(&Kind::CopyRefused));
    let long = format!("version={}", "x".repeat(MAX_HEADER_BYTES));
    assert_eq!(ask(&portal, &machine, &long).await.status, 400);
}

#[tokio::test]
async fn a_simulated_agent_that_is_started_again_is_no_copy() {
    let portal = Portal::start().await;
    let mut first = portal.machine("alpha").await;
    first.settle().await.unwrap();
    let mut second = SimAgent::with_credential(first.credential().clone()).unwrap();
    second.settle().await.unwrap();
    eventually("it was seen", async || kinds(&portal, &second).await.contains(&Kind::FirstSeen).then_some(())).await;
    assert!(kinds(&portal, &second).await.contains(&Kind::AgentRestarted));
}

#[tokio::test]
async fn telemetry_becomes_lines_without_secrets() {
    let portal = Portal::start().await;
    let machine = portal.machine("alpha").await;
    let event = |pairs: &[(&str, &str)]| TelemetryEvent {
        provider: "69B669B9-4AF8-4C50-BDC4-6006FA76E975".into(),
        id: "1".into(),
        parameters: pairs
            .iter()
            .map(|(name, value)| Parameter { name: (*name).into(), value: (*value).into(), kind: "mt:wstr".into() })
            .collect(),
    };
    let data = TelemetryData {
        events: vec![
            event(&[("Name", "WALinuxAgent"), ("Operation", "HeartBeat"), ("OperationSuccess", "True")]),
            event(&[
                ("Name", "Test.Handlers.Probe"),
                ("Operation", "Enable"),
                ("OperationSuccess", "False"),
                ("Message", "exit 3 <b>"),
                ("Duration", "42"),
            ]),
            event(&[("CapabilityUsed", "ERROR"), ("Context1", "publicSettings: canary")]),
        ],
    };
    let path = "/machine?comp=telemetrydata";
    assert_eq!(send(&portal, &machine, Method::POST, path, data.render().into_bytes()).await, 200);
    assert_eq!(send(&portal, &machine, Method::POST, path, b"<no".to_vec()).await, 400);
    let probes = br#"{"Api":"reporttargethealth","Observations":[{"ObservationName":"Versions","IsHealthy":false,"Description":"timed out"}]}"#;
    for _ in 0..2 {
        assert_eq!(send(&portal, &machine, Method::POST, "/HealthService", probes.to_vec()).await, 200);
    }
    assert_eq!(
        kinds(&portal, &machine).await,
        [Kind::Unhealthy, Kind::AgentError, Kind::ExtensionFailed, Kind::Enrolled]
    );

    let owner = portal.owner().await;
    let page = owner.get(&format!("/vms/{}/agent", machine.credential().vm_id)).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for shown in
        ["Enable (42 ms): exit 3 &lt;b&gt;", "Test.Handlers.Probe", "Versions", "Last 30 days", "Certificate (SHA-1)"]
    {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("canary"));
    assert!(text.matches("not enrolled 1 day</span>").count() >= 28, "every day has its words");
}

#[tokio::test]
async fn a_collected_log_is_kept_and_read_by_people_alone() {
    let portal = Portal::start().await;
    let machine = portal.machine("alpha").await;
    let path = "/hostgaplugin/vmAgentLog";
    let zip = [b"PK\x03\x04".as_slice(), &vec![7; 2_000_000]].concat();
    assert_eq!(send(&portal, &machine, Method::PUT, path, zip.clone()).await, 200);
    assert_eq!(send(&portal, &machine, Method::PUT, path, b"text".to_vec()).await, 400);
    let mut large = zip.clone();
    large.resize(33 * 1024 * 1024, 0);
    assert_eq!(send(&portal, &machine, Method::PUT, path, large).await, 413);
    let log = format!("/vms/{}/agent-log/1", machine.credential().vm_id);
    assert_eq!(send(&portal, &machine, Method::GET, &log, Vec::new()).await, 303, "machines are sent to sign in");
    portal.owner().await;
    let reader = portal.person(Role::Reader).await;
    let answer = reader.get(&log).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/zip"));
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"annex-agent-log-"));
    assert_eq!(answer.body, zip);
    let missing = reader.get(&format!("/vms/{}/agent-log/9", machine.credential().vm_id)).await;
    assert_eq!(missing.status, 404);
    let page = reader.get(&format!("/vms/{}/agent", machine.credential().vm_id)).await;
    assert!(page.text().contains(&log), "the page leads to it");
}
