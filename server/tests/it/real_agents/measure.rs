//! From the click to the handler and back, with each agent side by side. Not a test: `make bench` runs it.

use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use super::rig::{Agent, Put, Rig, possible};
use super::{NEW, OLD};

/// `ANNEX_MEASURE_RUNS` sets another number.
const RUNS: usize = 20;

#[tokio::test]
#[ignore = "measures; make bench runs it"]
async fn click_to_handler_and_back() {
    let runs = std::env::var("ANNEX_MEASURE_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(RUNS);
    let rows = [
        ("annex-agent", Agent::Native, None),
        ("waagent 2.7.3 as enrolled", OLD, None),
        ("waagent 2.16 as enrolled", NEW, None),
        ("waagent 2.16, period 1 s", NEW, Some("1")),
        ("waagent 2.16, stock period 6 s", NEW, Some("6")),
    ];
    for (number, (name, agent, period)) in rows.into_iter().enumerate() {
        if possible(agent) {
            // the other periods are there to be compared with
            let runs = if period.is_none() { runs } else { runs / 2 };
            measure(name, agent, period, number == 0, runs).await;
        }
    }
}

/// How long an idle machine is watched.
const IDLE: Duration = Duration::from_secs(60);

/// Requests that machines have sent so far.
async fn requests(rig: &Rig) -> f64 {
    let text = rig.owner.get("/metrics").await.text();
    let of_machines = |line: &&str| {
        let route = line.split("route=\"").nth(1).unwrap_or_default();
        line.starts_with("annex_http_answers_total{")
            && ["/machine", "/annex/", "/hostgaplugin", "/metadata"].iter().any(|r| route.starts_with(r))
    };
    text.lines().filter(of_machines).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

async fn measure(name: &str, agent: Agent, period: Option<&str>, first: bool, runs: usize) {
    let rig = Rig::new(agent).await;
    let node = rig.bare_node("measured", 1).await;
    if let Some(period) = period {
        node.machine.run(&format!("sed -i 's/^\\(Extensions.*GoalStatePeriod\\)=.*/\\1={period}/' /etc/waagent.conf"));
    }
    rig.start_agent(&node.machine);
    let operation = rig.put(&node, &Put::how("first", "timed")).await;
    rig.ended(&node, &operation).await;
    let (mut pickups, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs {
        // at any moment between two questions of the agent
        tokio::time::sleep(Duration::from_millis(1_500 + rand::random_range(0..if first { 500 } else { 8_000 }))).await;
        let clicked = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64() * 1e3;
        let operation = rig.put(&node, &Put::how(&format!("run {run}"), "timed")).await;
        let ended = rig.ended(&node, &operation).await;
        assert_eq!(ended.state, "Succeeded", "{ended:?}");
        let began: f64 = node.machine.read("var/log/probe.times").lines().last().unwrap().parse().unwrap();
        starts.push(began * 1e3 - clicked);
        pickups.push(ended.picked_up_ms as f64);
        ends.push(ended.finished_ms as f64);
    }
    if period.is_none() {
        let (before, begun) = (requests(&rig).await, Instant::now());
        tokio::time::sleep(IDLE).await;
        let rate = (requests(&rig).await - before) / begun.elapsed().as_secs_f64() * 60.0;
        let resident: u64 = node.machine.run("ps -o rss= -C annex-agent | sort -n | tail -1").trim().parse().unwrap();
        let row = json!({ "agent": name, "what": "idle", "requestsPerMinute": rate.round(), "residentKiB": resident });
        eprintln!("MEASURED {row}");
    }
    for (what, mut numbers) in [("pickedUp", pickups), ("handler", starts), ("succeeded", ends)] {
        numbers.sort_by(f64::total_cmp);
        let share = |share: usize| numbers[(numbers.len() * share / 100).min(numbers.len() - 1)].round();
        let row = json!({ "agent": name, "what": what, "runs": runs, "p50": share(50), "p95": share(95) });
        eprintln!("MEASURED {row}");
    }
}
