//! A server that does not behave: answers at once, goes away, comes back.

use std::time::Duration;

use agent::handler::Limits;
use agent::layout::Layout;
use agent::run::Agent;
use serde_json::json;

use crate::package;
use crate::portal::Portal;

async fn agent(dir: &std::path::Path, portal: &Portal) -> (Agent, Layout) {
    let layout = Layout::below(&dir.join("root"));
    let token = portal.token("t");
    let address = portal.address();
    let enrolment = agent::enrol::Enrolment {
        url: &address,
        token: &token,
        name: Some("m"),
        ca: None,
        again: false,
        agent: agent_protocol::AgentKind::AnnexAgent,
    };
    let credential = agent::enrol::enrol(&layout, &enrolment).await.unwrap();
    (Agent::start(&layout, &credential, None, Limits::default()).unwrap(), layout)
}

#[tokio::test]
async fn a_server_that_does_not_hold_is_not_hammered() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    portal.state().no_hold = true;
    let (agent, _) = agent(dir.path(), &portal).await;
    portal.until("a report", |state| (state.machines["m"].reports > 0).then_some(())).await;
    let before = portal.state().machines["m"].polls;
    tokio::time::sleep(Duration::from_secs(2)).await; // the time is what is measured
    let polls = portal.state().machines["m"].polls - before;
    assert!((1..=8).contains(&polls), "{polls} polls in 2 s");
    agent.stop().await;
}

#[tokio::test]
async fn a_change_reaches_the_machine_at_once_and_after_an_outage() {
    let dir = tempfile::tempdir().unwrap();
    let mut portal = Portal::start(dir.path().join("socket"));
    portal.state().packages.insert("1.0.0".into(), package::probe(&dir.path().join("count")));
    let (agent, layout) = agent(dir.path(), &portal).await;
    portal.until("a held poll", |state| (state.machines["m"].polls > 1).then_some(())).await;
    portal.want("m", "1.0.0", 0, json!({"lines": 1}));
    portal.until_final("m", 0).await;

    portal.stop();
    portal.want("m", "1.0.0", 1, json!({"lines": 1}));
    portal.resume();
    portal.until_final("m", 1).await;
    agent.stop().await;

    // a start without the server goes on with the goal state that was kept: enable again, the same number, no second run
    portal.stop();
    let credential = agent::credential::Credential::load(&layout).unwrap();
    let agent = Agent::start(&layout, &credential, None, Limits::default()).unwrap();
    portal.resume();
    let reports = portal.state().machines["m"].reports;
    portal.until("a report", |state| (state.machines["m"].reports > reports).then_some(())).await;
    portal.until_final("m", 1).await;
    agent.stop().await;
    assert_eq!(std::fs::read_to_string(dir.path().join("count")).unwrap(), "ran 0\nran 1\n");
}
