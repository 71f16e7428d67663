//! The last thirty days as bars, each with its words.

use domain::agent_days::{DAY_MS, Day, Standing, length_words};
use leptos::prelude::*;
use maud::{Markup, html};

use crate::{components::activity_table::day_of, ui::still};

/// Height of a whole day in the bar's own units.
const WHOLE: i64 = 1_000;
/// The least height of something that was there at all, so that it can be seen.
const LEAST: i64 = 80;

/// What is shorter is neither drawn nor told: every enrolment has a moment before the first contact.
const SHORTEST_MS: i64 = 1_000;

/// The strip with its legend; nothing for a machine that had no agent in all that time.
pub fn card(days: &[Day]) -> AnyView {
    if days.iter().flat_map(|day| &day.parts).all(|(standing, _)| *standing == Standing::NotEnrolled) {
        return ().into_any();
    }
    let (bars, legend) = (strip(days), legend(days));
    view! {
        <section class="card" aria-labelledby="days-heading">
            <div class="card-head">
                <h2 id="days-heading">"Last 30 days"</h2>
                <span class="meta">"days in UTC"</span>
            </div>
            <div class="card-body grid gap-3">{still(bars)} {still(legend)}</div>
        </section>
    }
    .into_any()
}

fn strip(days: &[Day]) -> Markup {
    html! {
        div {
            ol class="day-strip" {
                @for day in days {
                    @let words = words(day);
                    li title=(words) {
                        svg viewBox={ "0 0 10 " (WHOLE) } preserveAspectRatio="none" aria-hidden="true" {
                            @for (standing, y, height) in bars(day) {
                                rect data-state=(look(standing)) x="0" y=(y) width="10" height=(height) {}
                            }
                        }
                        span class="sr-only" { (words) }
                    }
                }
            }
            @if let Some(first) = days.first() {
                p class="day-ends" aria-hidden="true" { span { (day_of(first.begins)) } span { "today" } }
            }
        }
    }
}

/// Which words of the page's colours a standing has. Colour is not alone: every day has its words.
const fn look(standing: Standing) -> &'static str {
    match standing {
        Standing::Ready => "ready",
        Standing::NotReady => "warn",
        Standing::Off => "off",
        Standing::Unknown => "unknown",
        Standing::NotEnrolled => "none",
    }
}

/// Standing, upper edge and height of the pieces of a day's bar, from the bottom upwards. A time without an agent has none,
/// so that what is there stands on the ground.
fn bars(day: &Day) -> Vec<(Standing, i64, i64)> {
    let mut left = WHOLE;
    day.parts
        .iter()
        .rev()
        .filter(|(standing, ms)| *standing != Standing::NotEnrolled && *ms >= SHORTEST_MS)
        .map(|(standing, ms)| (*standing, (ms * WHOLE / DAY_MS).clamp(LEAST, WHOLE)))
        .map(|(standing, height)| {
            let height = height.min(left);
            left -= height;
            (standing, left, height)
        })
        .collect()
}

fn words(day: &Day) -> String {
    let parts = if day.parts.is_empty() { "has just begun".to_owned() } else { day.words() };
    format!("{}: {parts}", day_of(day.begins))
}

fn legend(days: &[Day]) -> Markup {
    let total = |standing| days.iter().map(|day| day.millis(standing)).sum::<i64>();
    html! {
        ul class="day-legend" {
            @for (standing, ms) in Standing::ALL.map(|s| (s, total(s))).into_iter().filter(|(_, ms)| *ms >= SHORTEST_MS) {
                li {
                    svg viewBox="0 0 10 10" aria-hidden="true" {
                        rect data-state=(look(standing)) width="10" height="10" {}
                    }
                    (standing.label()) " " span class="num" { (length_words(ms)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::timestamp::Timestamp;

    use super::*;

    #[test]
    fn the_pieces_of_a_bar_fill_it_and_no_more() {
        let day = |parts: &[(Standing, i64)]| Day { begins: Timestamp::default(), parts: parts.to_vec() };
        let whole = day(&[(Standing::Ready, DAY_MS - 1_000), (Standing::NotReady, 1_000)]);
        assert_eq!(bars(&whole), [(Standing::NotReady, 920, 80), (Standing::Ready, 0, 920)], "a second can be seen");
        let half = day(&[(Standing::Off, DAY_MS / 2)]);
        assert_eq!(bars(&half), [(Standing::Off, 500, 500)], "a day that has not ended");
        let first =
            day(&[(Standing::Ready, DAY_MS / 4), (Standing::NotReady, 900), (Standing::NotEnrolled, DAY_MS / 2)]);
        assert_eq!(bars(&first), [(Standing::Ready, 750, 250)], "the day of the enrolment");
        assert_eq!(words(&half), "1 Jan 1970: off 12 h");
    }
}
