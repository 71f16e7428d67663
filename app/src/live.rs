//! Live pages: one `EventSource` for the whole tab, on `/live?topic=…&topic=…`.
//!
//! ```text
//!  use_live(topics, refetch) ─┐                       ┌─► Changed{topic, generation} ─► refetch of that topic's pages
//!  use_live(topics, refetch) ─┼─► Hub ── /live?… ─────┤
//!  use_output(topic, append) ─┘    ▲                  └─► Output{topic, records} ─► append
//!                                  └─ error: close, wait 0.5 → 8 s with jitter, connect again
//! ```
//!
//! The page was rendered before it began to listen, so the first event of a topic always makes it read once more:
//! nothing falls into the gap. After that only another generation does. Effects never run on the server, so none of
//! this does. `data:` of every event is the JSON of [`LiveEvent`], under the default event name.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use domain::{
    ids::{OperationId, VmId},
    live::{LiveEvent, Topic},
    run_output::RunOutput,
};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};

use crate::paths;

/// How long a lost connection stays without a banner.
const PATIENCE: Duration = Duration::from_secs(3);
/// Shortest and longest wait before connecting again, in milliseconds.
const WAIT_MS: (f64, f64) = (500.0, 8_000.0);

/// Whether the tab hears of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Not tried yet (also: before hydration).
    #[default]
    Connecting,
    /// Open.
    Live,
    /// Cut off, for less than three seconds.
    Unsteady,
    /// Cut off for longer: the page says so.
    Lost,
}

/// What the frame shows of the stream.
#[derive(Clone, Copy)]
pub struct Live {
    /// Whether the tab hears of changes.
    pub connection: RwSignal<Connection>,
    /// The server runs another build than the one this page came from.
    pub new_build: RwSignal<bool>,
}

/// Makes [`use_live`] work below this component.
pub fn provide_live() {
    let live = Live { connection: RwSignal::default(), new_build: RwSignal::new(false) };
    provide_context(live);
    Effect::new(move |_| HUB.with(|hub| hub.borrow_mut().signals = Some(live)));
}

/// Connection state, for the frame and for controls that are off while the portal is away.
pub fn use_live_state() -> Live {
    expect_context()
}

/// Calls `on_change` whenever one of `topics` changed. `topics` may read signals: the subscription follows them.
pub fn use_live(topics: impl Fn() -> Vec<Topic> + 'static, on_change: impl Fn() + 'static) {
    let on_change: Rc<dyn Fn()> = Rc::new(on_change);
    Effect::new(move |_| {
        for topic in topics() {
            let on_change = on_change.clone();
            subscribe(topic, None, move |event| {
                if matches!(event, LiveEvent::Changed { .. }) {
                    on_change();
                }
            });
        }
    });
}

/// Calls `on_output` with the records of a run as they arrive, beginning at the given number. Reading `None` listens to
/// nothing. The hub remembers how far it came, so a reconnect neither repeats nor skips.
pub fn use_output(
    run: impl Fn() -> Option<(OperationId, VmId, u64)> + 'static,
    on_output: impl Fn(RunOutput) + 'static,
) {
    let on_output: Rc<dyn Fn(RunOutput)> = Rc::new(on_output);
    Effect::new(move |_| {
        if let Some((operation, vm, from)) = run() {
            let on_output = on_output.clone();
            subscribe(Topic::Output(operation, vm), Some(from), move |event| {
                if let LiveEvent::Output { output, .. } = event {
                    on_output(output.clone());
                }
            });
        }
    });
}

/// Connects at once instead of after the wait.
pub fn reconnect_now() {
    connect();
}

struct Subscription {
    id: u64,
    topic: String,
    next: Option<u64>,
    run: Handler,
}

struct Stream {
    source: web_sys::EventSource,
    query: String,
    /// They must live as long as the browser may call them.
    _handlers: [Closure<dyn Fn(web_sys::MessageEvent)>; 3],
}

#[derive(Default)]
struct Hub {
    signals: Option<Live>,
    subscriptions: Vec<Subscription>,
    last_id: u64,
    seen: BTreeMap<String, u64>,
    stream: Option<Stream>,
    /// Streams that were closed inside one of their own handlers.
    retired: Vec<Stream>,
    connect_planned: bool,
    wait_ms: f64,
    build: Option<String>,
}

thread_local! {
    static HUB: RefCell<Hub> = RefCell::default();
}

fn subscribe(topic: Topic, next: Option<u64>, run: impl Fn(&LiveEvent) + 'static) {
    let id = HUB.with(|hub| {
        let mut hub = hub.borrow_mut();
        hub.last_id += 1;
        let id = hub.last_id;
        hub.subscriptions.push(Subscription { id, topic: topic.to_string(), next, run: Rc::new(run) });
        id
    });
    plan_connect(20.0);
    on_cleanup(move || {
        HUB.with(|hub| hub.borrow_mut().subscriptions.retain(|s| s.id != id));
        plan_connect(20.0);
    });
}

/// Topics are gathered for a moment, so that a page with five of them connects once.
fn plan_connect(ms: f64) {
    let planned = HUB.with(|hub| std::mem::replace(&mut hub.borrow_mut().connect_planned, true));
    if !planned {
        set_timeout(connect, Duration::from_micros((ms * 1000.0) as u64));
    }
}

fn connect() {
    HUB.with(|hub| {
        let mut hub = hub.borrow_mut();
        hub.connect_planned = false;
        hub.retired.clear();
        let query = hub.query();
        if hub.stream.as_ref().is_some_and(|s| s.query == query && s.source.ready_state() != 2) {
            return;
        }
        if let Some(old) = hub.stream.take() {
            old.source.close();
        }
        if query.is_empty() {
            return;
        }
        hub.stream = open(query);
    });
}

fn open(query: String) -> Option<Stream> {
    let source = web_sys::EventSource::new(&format!("{}?{query}", paths::LIVE)).ok()?;
    let opened = Closure::<dyn Fn(web_sys::MessageEvent)>::new(|_| opened());
    let message = Closure::<dyn Fn(web_sys::MessageEvent)>::new(|event: web_sys::MessageEvent| {
        let event = event.data().as_string().and_then(|text| serde_json::from_str::<LiveEvent>(&text).ok());
        if let Some(event) = event {
            received(&event);
        }
    });
    let failed = Closure::<dyn Fn(web_sys::MessageEvent)>::new(|_| failed());
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onmessage(Some(message.as_ref().unchecked_ref()));
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    Some(Stream { source, query, _handlers: [opened, message, failed] })
}

/// What a subscriber does with an event.
type Handler = Rc<dyn Fn(&LiveEvent)>;

impl Hub {
    /// `topic=…&topic=…`, each once; an output topic with the record to go on at.
    fn query(&self) -> String {
        let mut topics: Vec<String> = self
            .subscriptions
            .iter()
            .map(|s| match s.next {
                Some(next) => format!("topic={}@{next}", s.topic),
                None => format!("topic={}", s.topic),
            })
            .collect();
        topics.sort();
        topics.dedup();
        topics.join("&")
    }
}

fn opened() {
    let signals = HUB.with(|hub| {
        let mut hub = hub.borrow_mut();
        hub.wait_ms = WAIT_MS.0;
        hub.signals
    });
    if let Some(live) = signals {
        live.connection.try_set(Connection::Live);
    }
}

fn received(event: &LiveEvent) {
    let (run, signals) = HUB.with(|hub| {
        let mut hub = hub.borrow_mut();
        (hub.note(event), hub.signals)
    });
    match event {
        LiveEvent::Build { build } => {
            let first = HUB.with(|hub| hub.borrow_mut().build.get_or_insert_with(|| build.clone()).clone());
            if let Some(live) = signals {
                live.new_build.try_set(first != *build);
            }
        }
        LiveEvent::Changed { .. } | LiveEvent::Output { .. } => run.iter().for_each(|handler| handler(event)),
    }
}

impl Hub {
    /// Who wants to hear of the event: nobody when it tells nothing new.
    fn note(&mut self, event: &LiveEvent) -> Vec<Handler> {
        let topic = match event {
            LiveEvent::Changed { topic, generation } => {
                if self.seen.insert(topic.clone(), *generation) == Some(*generation) {
                    return Vec::new();
                }
                topic
            }
            LiveEvent::Output { topic, output } => {
                for s in self.subscriptions.iter_mut().filter(|s| s.topic == *topic) {
                    s.next = s.next.map(|next| next.max(output.next));
                }
                // the open stream goes on by itself: it must not count as another query
                let query = self.query();
                if let Some(stream) = &mut self.stream {
                    stream.query = query;
                }
                topic
            }
            LiveEvent::Build { .. } => return Vec::new(),
        };
        self.subscriptions.iter().filter(|s| s.topic == *topic).map(|s| s.run.clone()).collect()
    }
}

fn failed() {
    let (wait, signals) = HUB.with(|hub| {
        let mut hub = hub.borrow_mut();
        if let Some(stream) = hub.stream.take() {
            stream.source.close();
            hub.retired.push(stream);
        }
        let wait = hub.wait_ms.max(WAIT_MS.0);
        hub.wait_ms = (wait * 2.0).min(WAIT_MS.1);
        (wait, hub.signals)
    });
    plan_connect(wait * (0.75 + js_sys::Math::random() / 2.0));
    let Some(live) = signals else { return };
    if matches!(live.connection.try_get_untracked(), Some(Connection::Live | Connection::Connecting)) {
        live.connection.try_set(Connection::Unsteady);
        let still = SendWrapper::new(move || {
            if live.connection.try_get_untracked() == Some(Connection::Unsteady) {
                live.connection.try_set(Connection::Lost);
            }
        });
        set_timeout(move || (*still)(), PATIENCE);
    }
}
