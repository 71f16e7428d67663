//! Many machines at once.

use std::time::Duration;

use super::rig::{Agent, Put, Rig};

const MACHINES: u32 = 20;

/// Twenty machines, each with its own secret: everybody gets its own and nobody else's.
pub async fn twenty_machines(agent: Agent) {
    let rig = Rig::new(agent).await;
    let mut nodes = Vec::new();
    for number in 1..=MACHINES {
        nodes.push(rig.bare_node(&format!("m{number}"), number).await);
    }
    for node in &nodes {
        rig.start_agent(&node.machine);
    }
    let mut operations = Vec::new();
    for node in &nodes {
        let (say, password) = (format!("I am {}", node.machine.name), format!("secret of {}", node.machine.name));
        operations.push(rig.put(node, &Put { say: &say, password: &password, ..Put::probe("") }).await);
    }
    for (node, operation) in nodes.iter().zip(&operations) {
        let ended = rig.ended_within(node, operation, Duration::from_secs(200)).await;
        let name = &node.machine.name;
        assert_eq!((ended.state.as_str(), ended.message), ("Succeeded", format!("I am {name}")));
        assert_eq!(node.machine.read("var/log/probe.runs"), format!("0 I am {name} secret of {name}\n"));
    }
}
