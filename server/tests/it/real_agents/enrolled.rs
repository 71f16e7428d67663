//! A machine gets its agent by the script that the portal shows, and is left as it was by `uninstall`.

use std::time::Duration;

use axum::http::Method;

use super::rig::{Agent, Node, Put, Rig};

/// What Debian's archive and systemd would do, as far as the script needs them: the package comes from the disk, services
/// are kept running by a loop, and a unit of type notify counts as started once the relay listens.
const SHIMS: &str = r#"
mkdir -p /run/systemd/system /usr/local/sbin
cat > /usr/local/sbin/apt-get <<'END'
#!/bin/sh
case "$*" in *install*waagent*) exec dpkg -i --force-depends /root/waagent.deb ;; esac
END
cat > /usr/local/sbin/systemctl <<'END'
#!/bin/sh
echo "$*" >> /var/log/systemctl.calls
for unit in "$@"; do :; done
unit=${unit%.service}.service
file=/etc/systemd/system/$unit
[ -e "$file" ] || file=/lib/systemd/system/$unit
command=$(sed -n 's/^ExecStart=//p' "$file" 2>/dev/null)
keep=/run/services/$unit
begin() {
    # a unit whose condition fails is not started: Debian's waits for Hyper-V until a drop-in says otherwise
    if grep -q ^ConditionVirtualization=. "$file" && ! [ -e "/etc/systemd/system/$unit.d/10-annex.conf" ]; then return; fi
    [ -e "$keep" ] && return
    echo "while [ -e $keep ]; do $command; sleep 0.2; done" > "$keep"
    (cd /; sh "$keep" >> "/var/log/$unit.out" 2>&1 < /dev/null &)
    if grep -q ^Type=notify "$file"; then
        for _ in $(seq 200); do grep -q annex0.*10813FA8 /proc/net/route && return; sleep 0.1; done
        exit 1
    fi
}
end() {
    [ -e "$keep" ] || return 0
    rm -f "$keep"
    pkill -TERM -f "$command" || true
    for _ in $(seq 100); do pgrep -f "$command" > /dev/null || return 0; sleep 0.1; done
}
case $1 in
enable) touch "/etc/enabled-$unit"; case "$*" in *--now*) begin ;; esac ;;
disable) rm -f "/etc/enabled-$unit"; end ;;
is-enabled) [ -e "/etc/enabled-$unit" ] ;;
is-active) [ -e "$keep" ] ;;
start) begin ;;
stop) end ;;
restart) end; begin ;;
esac
END
chmod 755 /usr/local/sbin/apt-get /usr/local/sbin/systemctl
"#;

/// The script is read, run, run again; the machine reports and works; `uninstall` leaves it as it was.
pub async fn generated_script(agent: Agent) {
    let rig = Rig::new(agent).await;
    let machine = rig.machine("scripted", 1);
    machine.run(SHIMS);
    let offer = rig.owner.call(Method::POST, "/api/enrolment/offer", &[("name", "scripted"), ("minutes", "10")]).await;
    let token = offer.json()["token"].as_str().unwrap().to_owned();
    let family = if agent == Agent::Native { "annex-agent" } else { "debian" };
    let url = format!("{}/annex/agent/v1/enrol/{family}.sh", rig.url());
    machine.run(&format!("curl -sf --cacert /etc/annex-ca.pem -o /root/enrol.sh {url} && sh -n /root/enrol.sh"));
    assert!(!machine.read("root/enrol.sh").contains(&token), "reading it uses no token up");
    if let Some(package) = agent.package() {
        std::fs::copy(package, machine.path("root/waagent.deb")).unwrap();
        machine.run("dpkg-deb --fsys-tarfile /root/waagent.deb | tar -xO ./etc/waagent.conf > /root/stock.conf");
    }
    let run = || machine.run(&format!("ANNEX_AGENT_TOKEN={token} PATH=/usr/local/sbin:$PATH sh /root/enrol.sh 2>&1"));
    let said = run();
    assert!(said.contains("enrolled as scripted"), "{said}");
    let credential: serde_json::Value =
        serde_json::from_str(&machine.read("var/lib/annex-agent/credential.json")).unwrap();
    let node = Node { id: credential["vmId"].as_str().unwrap().to_owned(), machine };
    rig.reported(&node).await;
    let vm = rig.get(&format!("/api/vms/get?id={}", node.id)).await.unwrap();
    assert_eq!(vm["vm"]["agent"]["kind"], if agent == Agent::Native { "Native" } else { "Waagent" });
    let operation = rig.put(&node, &Put { password: "scripted", ..Put::probe("hello") }).await;
    assert_eq!(rig.ended(&node, &operation).await.message, "hello");
    assert_eq!(node.machine.read("var/log/probe.runs"), "0 hello scripted\n");

    let calls = node.machine.read("var/log/systemctl.calls").matches("restart").count();
    let again =
        node.machine.run(&format!("ANNEX_AGENT_TOKEN={token} PATH=/usr/local/sbin:$PATH sh /root/enrol.sh 2>&1"));
    assert!(again.contains("enrolled already") && again.contains("nothing was changed"), "{again}");
    assert_eq!(node.machine.read("var/log/systemctl.calls").matches("restart").count(), calls, "nothing starts again");

    node.machine.run("PATH=/usr/local/sbin:$PATH annex-agent uninstall --forget");
    node.machine.until("nothing of it runs", Duration::from_secs(20), "! pgrep -x annex-agent");
    if agent != Agent::Native {
        node.machine.run("cmp /etc/waagent.conf /root/stock.conf");
        node.machine.run("! grep -q 10813FA8 /proc/net/route");
    }
    node.machine.run("! ls /etc/systemd/system/*annex* /etc/systemd/system/*/10-annex.conf 2>/dev/null");
    node.machine.run("! test -e /var/lib/annex-agent/credential.json");
    let refused =
        node.machine.try_run(&format!("ANNEX_AGENT_TOKEN={token} PATH=/usr/local/sbin:$PATH sh /root/enrol.sh"));
    assert!(!refused.status.success(), "the token worked once");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("token"), "{refused:?}");
}
