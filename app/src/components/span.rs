//! Lengths of time between two points, in words.

use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::ui::{millis, use_clock};

/// A length between two points in time; nothing when the clock went backwards.
pub fn span_words(from: Timestamp, to: Timestamp) -> Option<String> {
    u64::try_from(to.millis_since(from)).ok().map(millis)
}

/// The server's time, ticking once the page is alive; `shown` is the time at which the page's data was made.
pub fn ticking(shown: Timestamp) -> impl Fn() -> Timestamp + Copy + Send + Sync + 'static {
    let clock = use_clock();
    move || clock.now().map_or(shown, |now| now.max(shown))
}

/// How long something took, or has been taking so far.
#[component]
pub fn Took(
    /// When it began.
    from: Timestamp,
    /// When it ended; `None` ticks.
    to: Option<Timestamp>,
    /// When the page's data was made; without it an open end stays blank until the page is alive.
    #[prop(optional)]
    shown: Option<Timestamp>,
) -> impl IntoView {
    let clock = use_clock();
    move || {
        let now = to.or_else(|| clock.now().map(|now| now.max(shown.unwrap_or(now))).or(shown));
        now.and_then(|now| span_words(from, now))
    }
}
