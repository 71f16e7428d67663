//! From the hub to one page.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use axum::response::sse::Event;
use domain::{
    actor::Actor,
    fault::Fault,
    live::{LiveEvent, Topic},
    portal::OperationCalls,
};
use tokio::{sync::mpsc::Sender, time::Instant};

use super::cursors::Cursors;
use crate::state::AppState;

/// A topic is named again no sooner than this: each naming makes the page read it once more.
const PACE: Duration = Duration::from_millis(80);
/// After a failed read of output, the next try.
const AGAIN: Duration = Duration::from_secs(1);

/// Sends events until the page is gone (which the caller notices).
pub(super) async fn run(state: &AppState, actor: &Actor, mut cursors: Cursors, page: &Sender<Event>) {
    let build = LiveEvent::Build { build: state.config().build.clone() };
    if page.send(event(&build)).await.is_err() {
        return;
    }
    let asked = cursors.topics();
    // that a run is over shows on its operation, after the last record
    let over = asked.iter().filter_map(|topic| match topic {
        Topic::Output(operation, _) => Some(Topic::Operation(*operation)),
        _ => None,
    });
    let mut subscription = state.control().live().subscribe(asked.iter().copied().chain(over));
    let mut told_complete: HashSet<Topic> = HashSet::new();
    let mut named: HashMap<Topic, Instant> = HashMap::new();
    let mut later: HashMap<Topic, (Instant, u64)> = HashMap::new();
    loop {
        let due = later.iter().map(|(topic, (at, _))| (*at, *topic)).min_by_key(|(at, _)| *at);
        let (topic, generation) = tokio::select! {
            changed = subscription.next() => changed,
            topic = wait_for(due) => match later.get(&topic) {
                Some((_, generation)) => (topic, *generation),
                None => continue,
            },
        };
        later.remove(&topic);
        for run in asked.iter().copied().filter(|run| concerns(topic, *run)) {
            match output(state, actor, run, &mut cursors, &mut told_complete, page).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(fault) => {
                    tracing::debug!(%fault, %run, "output cannot be read now");
                    later.insert(run, (Instant::now() + AGAIN, generation));
                }
            }
        }
        if matches!(topic, Topic::Output(..)) || !asked.contains(&topic) {
            continue;
        }
        let now = Instant::now();
        if let Some(at) = named.get(&topic).map(|at| *at + PACE).filter(|at| *at > now) {
            later.insert(topic, (at, generation));
            continue;
        }
        named.insert(topic, now);
        let changed = LiveEvent::Changed { topic: topic.to_string(), generation };
        if page.send(event(&changed)).await.is_err() {
            return;
        }
    }
}

/// Does a change of `topic` say something about the output `run`?
fn concerns(topic: Topic, run: Topic) -> bool {
    match (topic, run) {
        (Topic::Operation(changed), Topic::Output(operation, _)) => changed == operation,
        (topic, run) => topic == run && matches!(run, Topic::Output(..)),
    }
}

/// Sends what is new of a run. False: the page is gone.
async fn output(
    state: &AppState,
    actor: &Actor,
    topic: Topic,
    cursors: &mut Cursors,
    told_complete: &mut HashSet<Topic>,
    page: &Sender<Event>,
) -> Result<bool, Fault> {
    let Topic::Output(operation, vm) = topic else { return Ok(true) };
    loop {
        let from = cursors.next(topic);
        let output = state.control().operation_output(actor, operation, vm, from).await?;
        let (next, complete) = (output.next, output.complete);
        let news = !output.records.is_empty() || (complete && !told_complete.contains(&topic));
        if !news {
            return Ok(true);
        }
        if complete {
            told_complete.insert(topic);
        }
        let last = output.records.is_empty() || complete;
        cursors.advance(topic, next);
        let told = event(&LiveEvent::Output { topic: topic.to_string(), output }).id(cursors.event_id());
        if page.send(told).await.is_err() {
            return Ok(false);
        }
        if last || next <= from {
            return Ok(true);
        }
    }
}

fn event(event: &LiveEvent) -> Event {
    Event::default().data(serde_json::to_string(event).expect("live events have string keys and no failing parts"))
}

async fn wait_for(due: Option<(Instant, Topic)>) -> Topic {
    match due {
        Some((at, topic)) => {
            tokio::time::sleep_until(at).await;
            topic
        }
        None => std::future::pending().await,
    }
}
