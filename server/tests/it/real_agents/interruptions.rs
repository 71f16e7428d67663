//! Anything may be killed or cut off in the middle of a run: nothing is lost, nothing runs twice.

use std::time::Duration;

use super::{
    life::lines,
    rig::{Agent, Node, Put, Rig},
};

/// Begins a run that takes some seconds and waits until the handler is in it.
async fn begin(rig: &Rig, node: &Node, how: &str) -> String {
    let before = lines(node, "var/log/probe.runs").len();
    let operation = rig.put(node, &Put::how("it ran", how)).await;
    rig.until("the handler is at work", Duration::from_secs(60), async || {
        (lines(node, "var/log/probe.runs").len() > before).then_some(())
    })
    .await;
    operation
}

/// It ended well, and ran once.
async fn ran_once(rig: &Rig, node: &Node, operation: &str, runs: usize) {
    let ended = rig.ended(node, operation).await;
    assert_eq!((ended.state.as_str(), ended.message.as_str()), ("Succeeded", "it ran"), "{ended:?}");
    assert_eq!(lines(node, "var/log/probe.runs").len(), runs, "it ran once");
}

/// The portal is killed while a handler runs, and stays away longer than the run.
pub async fn portal_restarts(agent: Agent) {
    let mut rig = Rig::new(agent).await;
    let node = rig.node("restart", 1).await;
    let operation = begin(&rig, &node, "slow3").await;
    rig.restart_portal(Duration::from_secs(6)).await;
    ran_once(&rig, &node, &operation, 1).await;
    let operation = begin(&rig, &node, "slow1").await;
    ran_once(&rig, &node, &operation, 2).await;
}

/// Whatever speaks for the machine is killed while a handler runs: first all of it, then only the relay.
pub async fn agent_restarts(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("killed", 1).await;
    let operation = begin(&rig, &node, "slow4").await;
    rig.kill_agent(&node.machine);
    ran_once(&rig, &node, &operation, 1).await;
    let operation = begin(&rig, &node, "slow5").await;
    node.machine.run("pkill -KILL -x annex-agent");
    ran_once(&rig, &node, &operation, 2).await;
}

/// The plug is pulled while a handler runs. After the boot the handler is enabled again for the same settings.
pub async fn machine_reboots(agent: Agent) {
    let rig = Rig::new(agent).await;
    let mut node = rig.node("reboot", 1).await;
    let operation = rig.put(&node, &Put::probe("before")).await;
    rig.ended(&node, &operation).await;
    let operation = begin(&rig, &node, "again4").await;
    node.machine.reboot();
    rig.start_agent(&node.machine);
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.message.as_str()), ("Succeeded", "it ran"), "{ended:?}");
    assert_eq!(lines(&node, "var/log/probe.runs").len(), 3, "the run that was cut short began again");
}

/// The machine boots while the portal is away: everything that is installed stays, and is enabled from what was kept.
pub async fn boots_without_portal(agent: Agent) {
    let mut rig = Rig::new(agent).await;
    let mut node = rig.node("alone", 1).await;
    let operation = rig.put(&node, &Put { password: "kept", ..Put::probe("hello") }).await;
    rig.ended(&node, &operation).await;
    rig.stop_portal();
    node.machine.reboot();
    node.machine.run(": > /var/log/probe.calls");
    rig.start_agent(&node.machine);
    node.machine.until("it is enabled again", Duration::from_secs(60), "grep -q 'enable 1.0.0 0' /var/log/probe.calls");
    assert_eq!(lines(&node, "var/log/probe.calls"), ["Probe enable 1.0.0 0"], "nothing is installed or removed");
    rig.start_portal();
    let operation = rig.put(&node, &Put::probe("back")).await;
    assert_eq!(rig.ended(&node, &operation).await.message, "back");
}

/// Keys are replaced: the transport key of waagent by its restart, the machine's own by a rotation. What was protected
/// before opens, what is protected afterwards opens.
pub async fn certificates_rotate(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("keys", 1).await;
    let operation = rig.put(&node, &Put { password: "first", ..Put::probe("a") }).await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    let thumbprints = || node.machine.run("ls /var/lib/waagent/*.prv | grep -v Transport | wc -l");
    assert_eq!(thumbprints(), "1");

    node.machine.run("annex-agent rotate");
    let operation = rig.put(&node, &Put::probe("b")).await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    assert_eq!(thumbprints(), "2", "the former key stays for what was enveloped for it");
    rig.kill_agent(&node.machine);
    let operation = rig.put(&node, &Put { password: "second", ..Put::probe("c") }).await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    assert_eq!(lines(&node, "var/log/probe.runs"), ["0 a first", "1 b first", "2 c second"]);
}

/// The network is cut for two minutes while a handler runs.
pub async fn network_cut(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("cut", 1).await;
    let operation = begin(&rig, &node, "slow5").await;
    node.machine.cable(false);
    tokio::time::sleep(Duration::from_secs(120)).await;
    let vm = rig.get(&format!("/api/vms/get?id={}", node.id)).await.unwrap();
    assert!(vm["health"]["NotResponding"].is_object(), "silence is told: {}", vm["health"]);
    node.machine.cable(true);
    ran_once(&rig, &node, &operation, 1).await;
    let operation = begin(&rig, &node, "slow1").await;
    ran_once(&rig, &node, &operation, 2).await;
}
