//! A machine that was copied after it had enrolled: the copy is noticed, and does not speak for the first one.

use std::time::Duration;

use super::rig::{Agent, Put, Rig};

/// The copy has the credential, the keys and the identity of the first. It is refused once the first asks again; the first
/// goes on, and gets what is meant for it.
pub async fn copied_machine(agent: Agent) {
    let rig = Rig::new(agent).await;
    let first = rig.node("first", 1).await;
    let operation = rig.put(&first, &Put::probe("before")).await;
    assert_eq!(rig.ended(&first, &operation).await.state, "Succeeded");

    let copy = rig.bare_node("copy", 2).await.machine;
    let tar = "tar -C /var/lib/annex-agent -cf - .";
    let state = first.machine.try_run(tar).stdout;
    std::fs::write(copy.path("root/state.tar"), state).unwrap();
    copy.run("rm -rf /var/lib/annex-agent/* && tar -C /var/lib/annex-agent -xf /root/state.tar");
    rig.start_agent(&copy);
    copy.until(
        "the copy is told",
        Duration::from_secs(60),
        "grep -qi 'does not accept this machine' /var/log/agent.out",
    );

    let operation = rig.put(&first, &Put { password: "for the first", ..Put::probe("after") }).await;
    assert_eq!(rig.ended(&first, &operation).await.message, "after");
    assert!(first.machine.read("var/log/probe.runs").contains("1 after for the first"));
    assert!(!copy.read("var/log/probe.runs").contains("after"), "nothing of it reached the copy");
    rig.until("the history says so", Duration::from_secs(20), async || {
        let history = rig.get(&format!("/api/vms/agent?id={}&page[number]=1&page[size]=50", first.id)).await?;
        history.to_string().contains("credential in turn").then_some(())
    })
    .await;
}
