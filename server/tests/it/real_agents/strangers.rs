//! The relay answers root of its own machine, and takes nothing on trust.

use std::time::{Duration, Instant};

use super::rig::{Agent, Node, Put, Rig, possible};

const WIRE: &str = "http://168.63.129.16";
const PLUGIN: &str = "http://168.63.129.16:32526";
const IMDS: &str = "http://169.254.169.254/metadata/instance";

/// A machine on which the relay runs and waagent does not.
async fn relay(rig: &Rig) -> Node {
    let node = rig.bare_node("relay", 1).await;
    node.machine.keep("agent", "annex-agent relay");
    let ready = format!("curl -sf -m 2 '{WIRE}/machine/?comp=goalstate' > /dev/null");
    node.machine.until("the relay answers", Duration::from_secs(30), &ready);
    node
}

/// The status of an answer; 000 when there was none.
fn status(node: &Node, arguments: &str) -> String {
    let done = node.machine.try_run(&format!("curl -s -m 20 -o /tmp/answer -w '%{{http_code}}' {arguments}"));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[tokio::test]
async fn only_root_of_this_machine_is_answered() {
    if !possible(Agent::Native) {
        return;
    }
    let rig = Rig::new(Agent::Native).await;
    let node = relay(&rig).await;
    // the portal's first token waits for its key pair to be made, which takes seconds on a busy host
    let nobody = |arguments: &str| {
        let script =
            format!("setpriv --reuid 65534 --clear-groups curl -s -m 30 -o /dev/null -w '%{{http_code}}' {arguments}");
        String::from_utf8_lossy(&node.machine.try_run(&script).stdout).into_owned()
    };
    for url in
        [format!("'{WIRE}/machine/?comp=goalstate'"), format!("'{WIRE}/?comp=versions'"), format!("{PLUGIN}/versions")]
    {
        assert_eq!(status(&node, &url), "200", "root, {url}");
        assert_eq!(nobody(&url), "403", "nobody, {url}");
    }
    let instance = format!("'{IMDS}/compute/name?api-version=2018-02-01&format=text'");
    assert_eq!(nobody(&format!("-H Metadata:true {instance}")), "200", "metadata is for everybody on the machine");
    node.machine.run(&format!("test \"$(curl -s -H Metadata:true {instance})\" = relay"));
    assert_eq!(nobody(&instance), "400", "what a browser can be made to send is not enough");
    assert_eq!(nobody(&format!("-H Metadata:true {IMDS}")), "400", "without a version");

    // whoever is on the machine may call the server's API as the machine
    let token = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/";
    let asked = format!("-H Metadata:true '{token}'");
    assert_eq!(nobody(&asked), "200");
    let first = node.machine.run(&format!("curl -s {asked}"));
    assert_eq!(node.machine.run(&format!("curl -s {asked}")), first, "kept while it is fresh");
    assert!(first.contains("\"access_token\":\"eyJ") && first.contains(&node.id), "{first}");
    assert_eq!(nobody(&format!("'{token}'")), "400");
    assert_eq!(nobody(&asked.replace("management.azure", "graph.example")), "400", "not for others");

    // another host, for which this machine forwards
    node.machine.run(
        "mkdir -p /run/netns && ip netns add lan && ip link add lan0 type veth peer name eth0 netns lan && \
         ip address add 192.168.77.1/24 dev lan0 && ip link set lan0 up && \
         ip -n lan address add 192.168.77.2/24 dev eth0 && ip -n lan link set eth0 up && \
         ip -n lan route add default via 192.168.77.1 && sysctl -qw net.ipv4.ip_forward=1",
    );
    for url in [format!("'{WIRE}/machine/?comp=goalstate'"), format!("-H Metadata:true {instance}")] {
        let script = format!("ip netns exec lan curl -s -m 5 -o /dev/null -w '%{{http_code}}' {url}");
        let answer = String::from_utf8_lossy(&node.machine.try_run(&script).stdout).into_owned();
        assert!(["000", "403"].contains(&answer.as_str()), "another host got {answer} for {url}");
    }
}

#[tokio::test]
async fn odd_requests_get_clear_answers_and_change_nothing() {
    if !possible(Agent::Native) {
        return;
    }
    let rig = Rig::new(Agent::Native).await;
    let node = relay(&rig).await;
    let own = format!("{WIRE}/machine/{}", node.id);
    let other = format!("{WIRE}/machine/01a20000-0000-7000-8000-000000000000");
    for document in ["extensions-config", "certificates", "hosting-environment", "status"] {
        assert_eq!(status(&node, &format!("'{other}/{document}'")), "404", "{document} of another machine");
    }
    assert_eq!(status(&node, &format!("{PLUGIN}/vmSettings")), "404");
    assert_eq!(status(&node, &format!("'{WIRE}/annex/packages/../../etc/passwd'")), "404");
    let certificate =
        |value: &str| status(&node, &format!("-H 'x-ms-guest-agent-public-x509-cert: {value}' '{own}/certificates'"));
    for value in ["", "no base64 at all!", "aGVsbG8=", &"QUFB".repeat(4000)] {
        let answer = certificate(value);
        assert!(["400", "431"].contains(&answer.as_str()), "{answer} for a certificate of {} characters", value.len());
    }

    node.machine.run("head -c 50000000 /dev/zero > /tmp/large");
    for url in [format!("{PLUGIN}/status"), format!("'{own}/status?type=status'"), format!("{PLUGIN}/vmAgentLog")] {
        let answer = status(&node, &format!("-T /tmp/large {url}"));
        assert_eq!(answer, "413", "50 MB to {url}");
    }
    let put = |body: &str| {
        std::fs::write(node.machine.path("tmp/body"), body).unwrap();
        status(&node, &format!("-T /tmp/body -H 'x-ms-blob-type: BlockBlob' '{own}/status?type=status'"))
    };
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    for body in ["", "{", "null", "{\"aggregateStatus\":7}", deep.as_str()] {
        assert_eq!(put(body), "400", "{:?}", &body[..body.len().min(20)]);
    }
    let bomb =
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/shadow\">]><TelemetryData version=\"1.0\">&b;</TelemetryData>";
    std::fs::write(node.machine.path("tmp/bomb"), bomb).unwrap();
    assert_eq!(
        status(&node, &format!("--data-binary @/tmp/bomb '{WIRE}/machine?comp=telemetrydata'")),
        "200",
        "let go"
    );

    // a body that never ends keeps nobody else from being answered
    node.machine.run(&format!("(sleep 30 | curl -s -T - '{own}/status?type=status' > /dev/null 2>&1 &) ; sleep 0.5"));
    let begun = Instant::now();
    assert_eq!(status(&node, &format!("'{WIRE}/machine/?comp=goalstate'")), "200");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let vm = rig.get(&format!("/api/vms/get?id={}", node.id)).await.unwrap();
    assert!(vm["vm"]["agent"]["last_status_at"].is_null(), "none of it counted as a report: {}", vm["vm"]["agent"]);
}

#[tokio::test]
async fn a_status_in_pages_counts_when_it_is_whole() {
    if !possible(Agent::Native) {
        return;
    }
    let rig = Rig::new(Agent::Native).await;
    let node = relay(&rig).await;
    let operation = rig.put(&node, &Put::probe("x")).await;
    let config = node.machine.run(&format!("curl -sf '{WIRE}/machine/{}/extensions-config'", node.id));
    let incarnation = config.split("goalStateIncarnation=\"").nth(1).unwrap().split('"').next().unwrap();
    let said = serde_json::json!({"version": "1.1", "timestampUTC": "2026-11-22T00:00:00Z", "aggregateStatus": {
        "guestAgentStatus": {"version": "2.16.0.2", "status": "Ready", "formattedMessage": {"lang": "en", "message": ""}},
        "handlerAggregateStatus": [{"handlerName": "Test.Handlers.Probe", "handlerVersion": "1.0.0", "status": "Ready", "code": 0,
            "runtimeSettingsStatus": {"sequenceNumber": 0, "settingsStatus": {"version": 1.0, "timestampUTC": "2026-11-22T00:00:00Z",
                "status": {"name": "Probe", "operation": "Enable", "status": "success", "code": 0,
                    "formattedMessage": {"lang": "en", "message": "in pages"}, "substatus": []}}}}],
        "vmArtifactsAggregateStatus": {"goalStateAggregateStatus": {"inSvdSeqNo": incarnation, "status": "Success", "code": 0,
            "timestampUTC": "2026-11-22T00:00:00Z", "formattedMessage": {"lang": "en", "message": ""}}}}});
    let mut document = said.to_string().into_bytes();
    let pages = document.len().div_ceil(512);
    document.resize(pages * 512, 0);
    let url = format!("{WIRE}/machine/{}/status?type=status", node.id);
    let page = |number: usize| {
        let bytes = &document[number * 512..(number + 1) * 512];
        std::fs::write(node.machine.path("tmp/page"), bytes).unwrap();
        let range = format!("bytes={}-{}", number * 512, number * 512 + 511);
        status(&node, &format!("-T /tmp/page -H 'x-ms-range: {range}' '{url}&comp=page'"))
    };
    assert_eq!(page(0), "400", "there is no blob yet");
    let create = |length: usize| {
        status(&node, &format!("-X PUT -H 'x-ms-blob-type: PageBlob' -H 'x-ms-blob-content-length: {length}' '{url}'"))
    };
    assert_eq!(create(100), "400", "no whole pages");
    assert_eq!(create(pages * 512), "201");
    for number in (0..pages).rev() {
        let open = rig.get(&format!("/api/operations/get?id={operation}")).await.unwrap();
        assert_eq!(open["targets"][0]["target"]["state"], "Running", "not before it is whole");
        assert_eq!(page(number), "201");
        if number == pages - 1 {
            assert_eq!(page(number), "201", "twice is once");
        }
    }
    let ended = rig.ended(&node, &operation).await;
    assert_eq!((ended.state.as_str(), ended.message.as_str()), ("Succeeded", "in pages"));
}

#[tokio::test]
async fn a_revoked_credential_is_told_on_the_machine() {
    if !possible(Agent::Native) {
        return;
    }
    let rig = Rig::new(Agent::Native).await;
    let node = relay(&rig).await;
    let deleted = rig.owner.call(axum::http::Method::POST, "/api/vms/delete", &[("id", &node.id)]).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let told = "grep -q 'does not accept this machine' /var/log/agent.out";
    node.machine.until("the relay says so", Duration::from_secs(30), told);
    assert_eq!(status(&node, &format!("'{WIRE}/machine/?comp=goalstate'")), "200", "waagent keeps what it has");
}
