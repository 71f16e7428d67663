//! The life of an extension: installed, changed, updated, moved back, removed.

use super::rig::{Agent, Node, Put, Rig};

/// Install with a secret, change settings, run again, update, downgrade, remove: the handler is asked exactly what the
/// contract says (wire protocol, section 5.4), and decrypts what was protected.
pub async fn whole_life(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("life", 1).await;
    let calls = || lines(&node, "var/log/probe.calls");
    let runs = || lines(&node, "var/log/probe.runs");

    let operation = rig.put(&node, &Put { password: "hunter2", ..Put::probe("hello") }).await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.message.as_str()), ("Succeeded", "hello"), "{ended:?}");
    assert_eq!(calls(), ["Probe install 1.0.0 0", "Probe enable 1.0.0 0"]);
    assert_eq!(runs(), ["0 hello hunter2"], "the handler opened the envelope");
    for step in ["queued", "pickedUp", "downloaded", "installed", "enabled", "reported"] {
        assert!(ended.done().contains(&step), "{step} is missing: {:?}", ended.steps);
    }
    let derived = ended.steps.iter().any(|(_, _, derived)| *derived);
    assert_eq!(derived, agent != Agent::Native, "what was derived says so: {:?}", ended.steps);

    let operation = rig.put(&node, &Put::probe("other")).await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.message.as_str()), ("Succeeded", "other"), "{ended:?}");
    assert_eq!(calls()[2..], ["Probe enable 1.0.0 1"]);
    assert_eq!(runs()[1..], ["1 other hunter2"], "what was not typed again is kept");

    let operation = rig.version(&node, "Probe", "1.1.0").await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    let update =
        ["disable 1.0.0", "update 1.1.0", "uninstall 1.0.0", "install 1.1.0", "enable 1.1.0"].map(|c| format!("Probe {c} 1"));
    assert_eq!(calls()[3..], update);
    assert_eq!(runs().len(), 2, "a new version does not run the same settings again");

    let operation = rig.version(&node, "Probe", "1.0.0").await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    let downgrade =
        ["disable 1.1.0", "update 1.1.0", "uninstall 1.1.0", "install 1.0.0", "enable 1.0.0"].map(|c| format!("Probe {c} 1"));
    assert_eq!(calls()[8..], downgrade, "the higher version's script updates, also downwards");

    let operation = rig.remove(&node, "Probe").await;
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.message.as_str()), ("Succeeded", "Removed."), "{ended:?}");
    assert_eq!(calls()[13..], ["Probe disable 1.0.0 1", "Probe uninstall 1.0.0 1"]);
    assert!(!node.machine.path("var/lib/waagent/Test.Handlers.Probe-1.0.0").exists(), "nothing is left");
    assert!(rig.extension(&node, "Probe").await.is_null(), "the portal forgets it");
}

/// A file of the machine, line by line.
pub fn lines(node: &Node, file: &str) -> Vec<String> {
    node.machine.read(file).lines().map(str::to_owned).collect()
}
