//! What goes wrong on a machine is told with its reason, and the next change mends it.

use std::time::Duration;

use super::{
    life::lines,
    rig::{Agent, Put, Rig},
};

/// Install, enable and update commands that fail.
pub async fn failing_commands(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("failing", 1).await;

    let operation = rig.put(&node, &Put { version: "1.2.0", ..Put::probe("x") }).await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.failed_step()), ("Failed", Some("installed")), "{ended:?}");
    assert!(ended.fault.contains("1007") && ended.fault.contains("broken install"), "{ended:?}");
    let operation = rig.version(&node, "Probe", "1.0.0").await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded", "another version mends it");

    let operation = rig.put(&node, &Put::how("y", "fail")).await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.failed_step()), ("Failed", Some("enabled")), "{ended:?}");
    assert!(ended.fault.contains("1009") && ended.fault.contains("no luck"), "{ended:?}");
    let operation = rig.put(&node, &Put::probe("z")).await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded", "other settings mend it");

    let operation = rig.version(&node, "Probe", "1.3.0").await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.failed_step()), ("Failed", Some("updated")), "{ended:?}");
    assert!(ended.fault.contains("1008") && ended.fault.contains("broken update"), "{ended:?}");
    let operation = rig.version(&node, "Probe", "1.1.0").await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!(ended.state, "Succeeded", "a version whose update works: {ended:?}");
}

/// What handlers say of themselves: an error, work in the background, nothing, nonsense.
pub async fn odd_reports(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("odd", 1).await;

    let operation = rig.put(&node, &Put::how("a", "error")).await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.failed_step()), ("Failed", Some("enabled")), "{ended:?}");
    assert!(ended.message.contains("it went wrong"), "{ended:?}");

    let operation = rig.put(&node, &Put::how("b", "behind3")).await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.message.as_str()), ("Succeeded", "b"), "{ended:?}");

    let operation = rig.put(&node, &Put::how("c", "garbage")).await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!(ended.state, "Failed", "{ended:?}");
    assert!(ended.fault.contains("status"), "{ended:?}");

    // no status at all: the agents say that work goes on, and so does the portal
    let operation = rig.put(&node, &Put::how("d", "silent")).await;
    rig.until("it is picked up and waits", Duration::from_secs(60), async || {
        let detail = rig.get(&format!("/api/operations/get?id={operation}")).await?;
        let target = &detail["targets"][0]["target"];
        assert!(["Queued", "Running"].contains(&target["state"].as_str()?), "{target:#}");
        let reported = rig.extension(&node, "Probe").await;
        let report = &reported["summary"]["extension"]["report"];
        (report["result"]["sequence_number"] == 3 && report["result"]["status"] == "Transitioning").then_some(())
    })
    .await;
    assert_eq!(lines(&node, "var/log/probe.runs").len(), 4);
}

/// A handler that reports a heartbeat: what it says counts, and silence is told.
pub async fn heartbeat(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("beat", 1).await;
    let operation = rig.put(&node, &Put { name: "Beat", kind: "Beat", ..Put::probe("on") }).await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    let state = async |wanted: &str| {
        rig.until(wanted, Duration::from_secs(60), async || {
            let extension = rig.extension(&node, "Beat").await;
            let said = extension["summary"]["extension"]["report"]["state"].as_str()?.to_owned();
            (said == wanted).then_some(())
        })
        .await;
    };
    state("Ready").await;
    let file = "/var/lib/waagent/Test.Handlers.Beat-1.0.0/heartbeat.log";
    node.machine.run(&format!("sed -i 's/Ready/NotReady/; s/\"code\":0/\"code\":7/' {file}"));
    state("NotReady").await;
    node.machine.run(&format!("touch -d '20 minutes ago' {file}"));
    state("Unresponsive").await;
    node.machine.run(&format!("sed -i 's/NotReady/Ready/; s/\"code\":7/\"code\":0/' {file}"));
    state("Ready").await;
}

/// A command that does not end is ended by the agent after five minutes, and that is what is told.
pub async fn time_out(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("hang", 1).await;
    let operation = rig.put(&node, &Put::how("x", "hang")).await;
    let ended = rig.ended_within(&node, &operation, Duration::from_secs(400)).await;
    assert_eq!((ended.state.as_str(), ended.failed_step()), ("Failed", Some("enabled")), "{ended:?}");
    assert!(ended.fault.contains("1011"), "{ended:?}");
    let left = node.machine.try_run("pgrep -f '[s]leep 2000'");
    assert!(!left.status.success(), "nothing of it goes on");
    let operation = rig.put(&node, &Put::probe("better")).await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
}
