//! Times: absolute in what the server sends, relative and ticking once the page is alive.

use std::time::Duration;

use domain::timestamp::Timestamp;
use leptos::prelude::*;

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
        let tick = move || now.set(Some((js_sys::Date::now() + offset) as i64));
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

fn absolute(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = at.date_time();
    let month = MONTHS[usize::from(u8::from(date.month())) - 1];
    format!("{} {month} {} {} UTC", date.day(), date.year(), clock_text(at))
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

/// When something happened: "22 Nov 2026 14:02:11 UTC" as sent, "3 s ago" once alive (the absolute time as its title).
#[component]
pub fn Ago(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let clock = use_clock();
    let text = move || match clock.now() {
        Some(now) => relative(now.millis_since(at) / 1000),
        None => absolute(at),
    };
    view! {
        <time datetime=at.rfc3339() title=absolute(at)>
            {text}
        </time>
    }
    .into_any()
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
        assert_eq!(absolute(Timestamp::from_millis(1_795_356_123_018)), "22 Nov 2026 14:02:03 UTC");
    }
}
