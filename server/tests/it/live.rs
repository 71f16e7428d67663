//! The event stream: no gap, no repeat, and it ends when its session does.

use std::time::Duration;

use agent::sim::{End, Script};
use domain::{actor::Actor, live::LiveEvent, portal::OperationCalls, run_output::OutputEntry};

use crate::harness::{Events, Package, Portal};

#[tokio::test]
async fn a_page_hears_where_topics_stand_and_then_of_changes() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let mut events = Events::new(owner.stream("/live?topic=vms&topic=activity", &[]).await);
    assert!(matches!(events.next().await, Some((LiveEvent::Build { .. }, _))));
    let mut first = Vec::new();
    for _ in 0..2 {
        let Some((LiveEvent::Changed { topic, generation }, _)) = events.next().await else {
            panic!("where it stands")
        };
        first.push((topic, generation));
    }
    portal.machine("alpha").await;
    loop {
        let Some((LiveEvent::Changed { topic, generation }, _)) = events.next().await else { panic!("a change") };
        let before = first.iter().find(|(t, _)| *t == topic).unwrap().1;
        assert!(generation > before, "numbers rise");
        if topic == "vms" {
            break;
        }
    }
    let refused = owner.stream("/live?topic=weather", &[]).await;
    assert_eq!(refused.status(), 422);
}

#[tokio::test]
async fn output_has_no_gap_and_no_repeat_wherever_the_stream_is_cut() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    let lines: Vec<String> = (0..40).map(|n| format!("line {n}")).collect();
    let script = lines.iter().fold(Script::ending(End::Succeed), |script, line| script.line(line));
    machine.script("Test.Handlers.Probe", script);
    machine.settle().await.unwrap();
    let operation = portal.install(&machine).await;
    let vm = machine.credential().vm_id.clone();
    let owner = portal.owner().await;

    let running = tokio::spawn(async move { machine.settle().await.unwrap() });
    let path = format!("/live?topic=output:{operation}:{vm}@0");
    let (mut got, mut last_id, mut complete) = (Vec::new(), String::new(), false);
    let mut cuts = 0;
    // cut after every event that brought something: the browser comes back with the id of the last one
    while !complete {
        let headers: Vec<(&str, &str)> =
            if last_id.is_empty() { vec![] } else { vec![("last-event-id", last_id.as_str())] };
        let mut events = Events::new(owner.stream(&path, &headers).await);
        loop {
            let (event, id) = events.next().await.expect("the stream goes on");
            if let LiveEvent::Output { output, .. } = event {
                got.extend(output.records);
                complete = output.complete;
                last_id = id.expect("output events have an id");
                break;
            }
        }
        cuts += 1;
        assert!(cuts < 500);
    }
    running.await.unwrap();
    let numbers: Vec<u64> = got.iter().map(|r| r.n).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>(), "no gap, no repeat");
    let said: Vec<&str> = got
        .iter()
        .filter_map(|r| match &r.entry {
            OutputEntry::Line { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(said, lines);
    let stored = portal.control.operation_output(&Actor::system(), operation, vm.parse().unwrap(), 0).await.unwrap();
    assert_eq!(stored.records, got);

    let file = owner.get(&format!("/operations/{operation}/output/{vm}.txt")).await;
    assert_eq!(file.status, 200);
    assert!(file.text().contains("stdout line 39"), "{}", file.text());
}

#[tokio::test]
async fn a_stream_ends_within_a_second_of_signing_out() {
    let mut portal = Portal::start().await;
    let owner = portal.owner().await;
    let mut events = Events::new(owner.stream("/live?topic=vms", &[]).await);
    assert!(events.next().await.is_some());
    owner.submit("/sign-out", &[]).await;
    let ended = async { while events.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(1), ended).await.expect("ended");

    let again = portal.browser();
    again.sign_in("olive", crate::harness::PASSWORD).await;
    let mut events = Events::new(again.stream("/live?topic=vms", &[]).await);
    assert!(events.next().await.is_some());
    let (cut, took) = portal.stop().await;
    assert_eq!(cut, 0);
    assert!(took < Duration::from_secs(3), "{took:?}");
    while events.next().await.is_some() {}
}
