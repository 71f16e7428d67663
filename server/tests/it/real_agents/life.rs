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
    let update = ["disable 1.0.0", "update 1.1.0", "uninstall 1.0.0", "install 1.1.0", "enable 1.1.0"]
        .map(|c| format!("Probe {c} 1"));
    assert_eq!(calls()[3..], update);
    assert_eq!(runs().len(), 2, "a new version does not run the same settings again");

    let operation = rig.version(&node, "Probe", "1.0.0").await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    let downgrade = ["disable 1.1.0", "update 1.1.0", "uninstall 1.1.0", "install 1.0.0", "enable 1.0.0"]
        .map(|c| format!("Probe {c} 1"));
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

/// Two configurations of one handler on one machine: each has its settings, its runs and its end.
pub async fn several_configurations(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("several", 1).await;
    let multi = |name, say| Put { name, kind: "Multi", ..Put::probe(say) };
    let first = rig.put(&node, &multi("one", "eins")).await;
    assert_eq!(rig.ended(&node, &first).await.message, "eins");
    let second = rig.put(&node, &Put { password: "s3cret", ..multi("two", "zwei") }).await;
    assert_eq!(rig.ended(&node, &second).await.message, "zwei");
    let broken = rig.put(&node, &Put { how: "fail", ..multi("two", "drei") }).await;
    let ended = rig.ended(&node, &broken).await;
    assert_eq!(ended.state, "Failed", "{ended:?}");
    assert_eq!(rig.extension(&node, "one").await["summary"]["extension"]["provisioning_state"], "Succeeded");
    assert_eq!(lines(&node, "var/log/probe.runs"), ["0 eins one", "0 zwei s3cret two", "1 drei s3cret two"]);

    let removed = rig.remove(&node, "two").await;
    assert_eq!(rig.ended(&node, &removed).await.state, "Succeeded");
    let folder = node.machine.path("var/lib/waagent/Test.Handlers.Multi-1.0.0");
    assert!(folder.exists(), "the handler stays for the other one");
    let other = rig.put(&node, &multi("one", "vier")).await;
    assert_eq!(rig.ended(&node, &other).await.message, "vier");
    let removed = rig.remove(&node, "one").await;
    assert_eq!(rig.ended(&node, &removed).await.state, "Succeeded");
    assert!(!folder.exists(), "it goes with its last one");
}

/// What waits for another extension begins after it has succeeded, and not at all when it failed.
pub async fn dependencies(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("order", 1).await;
    let base = |say, how| Put { name: "Base", kind: "Base", how, ..Put::probe(say) };
    let first = rig.put(&node, &base("first", "")).await;
    rig.ended(&node, &first).await;
    let second = rig.put(&node, &Put { after: &["Base"], ..Put::probe("second") }).await;
    assert_eq!(rig.ended(&node, &second).await.state, "Succeeded");

    // both change in one goal state: the machine hears of it when the second one is accepted
    rig.hold(&node.machine, true);
    let slow = rig.put(&node, &base("slow", "slow2")).await;
    let after = rig.put(&node, &Put::probe("after")).await;
    rig.hold(&node.machine, false);
    let (slow, after) = (rig.ended(&node, &slow).await, rig.ended(&node, &after).await);
    assert_eq!((slow.state.as_str(), after.state.as_str()), ("Succeeded", "Succeeded"), "{slow:?} {after:?}");
    assert_eq!(lines(&node, "var/log/probe.runs")[2..], ["1 slow", "1 after"], "in this order, once each");

    rig.hold(&node.machine, true);
    let bad = rig.put(&node, &base("bad", "error")).await;
    let after = rig.put(&node, &Put::probe("never")).await;
    rig.hold(&node.machine, false);
    let (bad, after) = (rig.ended(&node, &bad).await, rig.ended(&node, &after).await);
    assert_eq!((bad.state.as_str(), after.state.as_str()), ("Failed", "Failed"), "{bad:?} {after:?}");
    assert!(after.fault.to_lowercase().contains("dependent"), "it says why: {after:?}");
    assert!(!node.machine.read("var/log/probe.runs").contains("never"), "it did not run");
}

/// waagent's own telemetry becomes lines of the machine's history: what it did with extensions, and nothing of how it is.
/// The native agent reports its steps instead.
pub async fn history(agent: Agent) {
    let rig = Rig::new(agent).await;
    let node = rig.node("told", 1).await;
    let operation = rig.put(&node, &Put { password: "unspoken", ..Put::probe("hello") }).await;
    assert_eq!(rig.ended(&node, &operation).await.state, "Succeeded");
    let path = format!("/api/vms/agent?id={}&page[number]=1&page[size]=200", node.id);
    let limit = std::time::Duration::from_secs(150);
    let events = rig
        .until("the history is told", limit, async || {
            let events = rig.get(&path).await?["events"].to_string();
            let told = events.contains("Test.Handlers.Probe");
            (told || agent == Agent::Native && events.contains("Enrolled")).then_some(events)
        })
        .await;
    for word in ["unspoken", "HeartBeat", "protectedSettings"] {
        assert!(!events.contains(word), "{word} does not belong there: {events}");
    }
}
