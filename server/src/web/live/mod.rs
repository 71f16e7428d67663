//! `GET /live?topic=…`: tells a page what changed, and sends it the output of runs as it comes.
//!
//! ```text
//!  hub ──(topic, generation)──► pump ──► Changed{topic, generation}          at most one per topic in PACE
//!                                 └───── Output{topic, records, next}        read from the store, from the cursor on
//!  session ended, role changed, shutdown ──► the stream ends; the page reconnects and finds out
//! ```
//! The first events say where every topic stands. An output topic carries its cursor (`output:<op>:<vm>@<next>`); event
//! ids carry the newest cursors, so that a browser that reconnects by itself (`Last-Event-ID`) goes on without gap.

mod cursors;
mod pump;
mod watchdog;

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::{actor::Actor, fault::Fault};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tower_sessions::Session;

use self::cursors::Cursors;
use crate::{answer, state::AppState};

/// A page that is alone hears at least this often that the line is open.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Events that wait for a slow reader; the pump waits with it, so nothing piles up.
const WAITING: usize = 16;

/// Opens a stream.
pub(super) async fn live(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let mut cursors = match Cursors::parse(query.as_deref().unwrap_or_default()) {
        Ok(cursors) => cursors,
        Err(message) => return answer::fault(&Fault::invalid("topic", message)),
    };
    if let Some(seen) = headers.get("last-event-id").and_then(|v| v.to_str().ok()) {
        cursors.resume(seen);
    }
    let (sender, receiver) = tokio::sync::mpsc::channel::<Event>(WAITING);
    let open = state.figures().stream_opened();
    tokio::spawn(async move {
        let _open = open;
        tokio::select! {
            () = sender.closed() => {}
            () = state.shutdown().cancelled() => {}
            () = watchdog::until_over(&state, &session) => {}
            () = pump::run(&state, &actor, cursors, &sender) => {}
        }
    });
    let events = ReceiverStream::new(receiver).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // proxies that gather answers would hold events back
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}
