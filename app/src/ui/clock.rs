//! Times: absolute in what the server sends, relative and ticking once the page is alive.

use std::{cell::Cell, time::Duration};

use domain::timestamp::Timestamp;
use leptos::prelude::*;
use maud::{Markup, html};
use wasm_bindgen::JsCast;

use super::still;

/// The server's time as this tab reckons it; `None` until the page is alive (and on the server).
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<Option<i64>>);

impl Clock {
    /// Milliseconds now, in steps of a second; reading it makes a view tick.
    pub fn now(self) -> Option<Timestamp> {
        self.0.get().map(Timestamp::from_millis)
    }
}

/// Starts the clock below this component. The server's time stands in `<html data-now>`, so a wrong clock on the
/// visitor's side does not make "3 s ago" wrong.
pub fn provide_clock() {
    let now = RwSignal::new(None);
    provide_context(Clock(now));
    Effect::new(move |_| {
        let shown = document()
            .document_element()
            .and_then(|html| html.get_attribute("data-now"))
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|ms| *ms > 0.0);
        // since the answer began, as far as the browser knows
        let age = window().performance().map_or(0.0, |p| p.now());
        let offset = shown.map_or(0.0, |ms| ms + age - js_sys::Date::now());
        let tick = move || {
            let at = (js_sys::Date::now() + offset) as i64;
            NOW.set(Some(at));
            if let Some(page) = document().document_element() {
                show_ages(&page);
            }
            now.set(Some(at));
        };
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// The clock of this tab.
pub fn use_clock() -> Clock {
    expect_context()
}

/// `14:02:11` in UTC.
pub fn clock_text(at: Timestamp) -> String {
    at.rfc3339().get(11..19).unwrap_or_default().to_owned()
}

/// `22 Nov 2026 14:02:11 UTC`, from the same moment in RFC 3339.
fn absolute(iso: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let part = |range| iso.get(range).unwrap_or_default();
    let month = part(5..7).parse::<usize>().ok().and_then(|number| MONTHS.get(number.checked_sub(1)?));
    let day = part(8..10).trim_start_matches('0');
    format!("{day} {} {} {} UTC", month.unwrap_or(&"?"), part(0..4), part(11..19))
}

fn relative(seconds: i64) -> String {
    match seconds {
        ..=1 => "just now".into(),
        2..=59 => format!("{seconds} s ago"),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=86_399 => format!("{} h ago", seconds / 3_600),
        _ => match seconds / 86_400 {
            1 => "1 day ago".into(),
            days => format!("{days} days ago"),
        },
    }
}

thread_local! {
    /// [`Clock`] for what is no view of its own: ages in long lists.
    static NOW: Cell<Option<i64>> = const { Cell::new(None) };
}

/// Writes the age into every [`ago`] of an element; nothing before the page is alive. One walk a second over what is
/// shown costs less than a reaction for each row.
pub(super) fn show_ages(within: &web_sys::Element) {
    let Some(now) = NOW.get().map(Timestamp::from_millis) else { return };
    let show = |time: &web_sys::Element| {
        let at = time.get_attribute("data-at").and_then(|ms| ms.parse().ok()).map(Timestamp::from_millis);
        if let (Some(at), Some(text)) = (at, time.first_child()) {
            let age = relative(now.millis_since(at) / 1000);
            if text.node_value().as_ref() != Some(&age) {
                text.set_node_value(Some(&age));
            }
        }
    };
    show(within);
    let Ok(times) = within.query_selector_all("time[data-at]") else { return };
    for time in (0..times.length()).filter_map(|at| times.item(at)) {
        show(time.unchecked_ref());
    }
}

/// When something happened: "22 Nov 2026 14:02:11 UTC" as sent, "3 s ago" once alive (the absolute time as its title).
pub fn ago(at: Timestamp) -> Markup {
    let iso = at.rfc3339();
    let text = absolute(&iso);
    html! { time datetime=(iso) data-at=(at.millis()) title=(text) { (text) } }
}

/// [`ago`] as a component.
#[component]
pub fn Ago(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    still(ago(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_well() {
        for (seconds, text) in
            [(-5, "just now"), (5, "5 s ago"), (60, "1 min ago"), (7_300, "2 h ago"), (90_000, "1 day ago")]
        {
            assert_eq!(relative(seconds), text);
        }
        assert_eq!(absolute(&Timestamp::from_millis(1_795_356_123_018).rfc3339()), "22 Nov 2026 14:02:03 UTC");
    }
}
