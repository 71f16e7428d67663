//! PostgreSQL goes away under a server at work: half a minute later everything goes on as if nothing had been.

use std::time::{Duration, Instant};

use agent::sim::Script;
use axum::http::Method;
use domain::{
    actor::Actor,
    live::LiveEvent,
    operation::TargetState,
    portal::OperationCalls,
    run_output::{OutputEntry, OutputRecord},
};

use crate::harness::{Browser, Events, Package, Portal, Postgres, eventually};

/// How long the database is away, half of it frozen and half of it refusing.
const AWAY: Duration = Duration::from_secs(30);
const LINES: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_minute_without_a_database_loses_nothing() {
    let Some(postgres) = Postgres::start().await else { return };
    let portal = Portal::start_on(&postgres.url).await;
    portal.publish(&Package::probe()).await;
    let owner = portal.owner().await;
    let mut machine = portal.machine("alpha").await;
    let vm = machine.credential().vm_id.clone();
    machine.settle().await.unwrap();
    let script = (0..LINES).fold(Script::succeed(), |script, n| script.line(format!("line {n}")));
    machine.default_script(script);
    let operation = portal.install(&machine).await;
    let _machine = machine.start();
    let topics = format!("/live?topic=operation:{operation}&topic=output:{operation}:{vm}@0");
    let told = tokio::spawn(gather(Events::new(owner.stream(&topics, &[]).await)));
    let said = async || portal.control.operation_output(&Actor::system(), operation, vm.parse().unwrap(), 0).await;
    eventually("it is in the middle of its output", async || (said().await.unwrap().records.len() > 10).then_some(()))
        .await;

    for go in [Postgres::freeze, Postgres::cut] {
        go(&postgres);
        let begun = Instant::now();
        refuses_with_a_reason(&portal, &owner).await;
        while begun.elapsed() < AWAY / 2 {
            assert_eq!(portal.http.get("/healthz").await.status, 200);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    postgres.mend();

    eventually("it is ready again", async || (portal.http.get("/readyz").await.status == 200).then_some(())).await;
    let home = owner.get("/").await;
    assert_eq!(home.status, 200, "still signed in: {}", home.location());
    let state = eventually("the operation ends", async || {
        let detail = portal.control.operation_get(&Actor::system(), operation).await.ok()?;
        (!detail.summary.state.is_open()).then_some(detail.summary.state)
    })
    .await;
    assert_eq!(state, TargetState::Succeeded);
    let output = eventually("all of its output is there", async || said().await.ok().filter(|o| o.complete)).await;
    let expected: Vec<String> = (0..LINES).map(|n| format!("line {n}")).collect();
    assert!(texts(&output.records).iter().eq(&expected), "each line once: {output:?}");
    let streamed = tokio::time::timeout(Duration::from_secs(20), told).await.expect("the stream told all").unwrap();
    assert_eq!(texts(&streamed), expected, "the stream survived, without gap and without repeat");
    // and new work is done
    let (begun, again) = (Instant::now(), owner.call(Method::GET, "/api/home", &[]).await);
    assert_eq!(again.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(3));
}

async fn refuses_with_a_reason(portal: &Portal, owner: &Browser) {
    let soon = Duration::from_secs(8);
    let begun = Instant::now();
    let ready = portal.http.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), ready.text().trim()), (503, "the database does not answer"));
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());

    let begun = Instant::now();
    let call = owner.call(Method::GET, "/api/home", &[]).await;
    assert_eq!((call.status.as_u16(), call.json()["kind"].as_str()), (503, Some("Unavailable")), "{}", call.text());
    assert!(call.json()["message"].as_str().unwrap().contains("signed in"), "{}", call.text());
    assert!(begun.elapsed() < soon, "{:?}", begun.elapsed());

    let begun = Instant::now();
    let page = owner.get("/vms").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (503, "text/html; charset=utf-8"));
    assert!(page.text().contains("Try again") && page.text().contains("stay signed in"), "{}", page.text());
    assert!(page.headers.get("set-cookie").is_none(), "the cookie stays");
    assert!(begun.elapsed() < soon, "{:?}", begun.elapsed());

    let begun = Instant::now();
    let sign_in = portal.browser().sign_in("olive", "whatever it is").await;
    assert!(sign_in.location().contains("error=ServiceUnavailable"), "{}", sign_in.location());
    assert!(begun.elapsed() < soon, "{:?}", begun.elapsed());
}

/// Gathers the records that an event stream tells until the run is complete.
async fn gather(mut events: Events) -> Vec<OutputRecord> {
    let mut records = Vec::new();
    while let Some((event, _)) = events.next().await {
        if let LiveEvent::Output { output, .. } = event {
            records.extend(output.records);
            if output.complete {
                return records;
            }
        }
    }
    panic!("the stream ended before the run did: {records:?}");
}

fn texts(records: &[OutputRecord]) -> Vec<String> {
    let line = |record: &OutputRecord| match &record.entry {
        OutputEntry::Line { text, .. } => Some(text.clone()),
        _ => None,
    };
    records.iter().filter_map(line).collect()
}
