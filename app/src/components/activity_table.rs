//! Lines of the activity log as a table, grouped by day.

use domain::{activity::ActivityEntry, timestamp::Timestamp};
use leptos::prelude::*;

use super::states::OutcomeChip;
use crate::{
    paths,
    ui::{Icon, clock_text},
};

/// One row a line. Days and times are UTC.
#[component]
pub fn ActivityTable(
    /// The lines, newest first.
    entries: Vec<ActivityEntry>,
    /// With the column that names the machine.
    with_machine: bool,
) -> impl IntoView {
    let columns = if with_machine { "5" } else { "4" };
    // alone in its card it reaches the card's upper corners
    let wrap = if with_machine { "table-wrap !rounded-t-card" } else { "table-wrap" };
    let mut day = String::new();
    let rows = entries
        .into_iter()
        .map(|entry| {
            let date = day_of(entry.at);
            let heading = (date != day).then(|| {
                day.clone_from(&date);
                view! {
                    <tr role="row" class="t-group">
                        <th role="columnheader" colspan=columns scope="colgroup" class="!bg-bg !h-8 !text-muted">
                            {date}
                        </th>
                    </tr>
                }
            });
            view! {
                {heading}
                {row(entry, with_machine)}
            }
        })
        .collect_view();
    view! {
        <div class=wrap tabindex="0" role="region" aria-label="Activity table">
            <table role="table" class="virtual-table is-list">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">
                            "Time (UTC)"
                        </th>
                        <th role="columnheader" scope="col">
                            "Who"
                        </th>
                        <th role="columnheader" scope="col">
                            "What"
                        </th>
                        {with_machine
                            .then(|| {
                                view! {
                                    <th role="columnheader" scope="col">
                                        "Where"
                                    </th>
                                }
                            })}
                        <th role="columnheader" scope="col">
                            "Result"
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

fn row(entry: ActivityEntry, with_machine: bool) -> impl IntoView {
    let what = capital(&entry.action);
    let what = match entry.operation {
        Some(operation) => view! {
            <a class="quiet-link" href=paths::operation(operation)>
                {what}
            </a>
        }
        .into_any(),
        None => view! { <span>{what}</span> }.into_any(),
    };
    let place = match (&entry.vm, &entry.extension) {
        (Some((id, name)), _) => view! {
            <a class="quiet-link" href=paths::vm(*id)>
                {name.clone()}
            </a>
        }
        .into_any(),
        (None, _) => view! { <span class="text-subtle">"–"</span> }.into_any(),
    };
    let initial = entry.actor.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    view! {
        <tr role="row">
            <td role="cell" class="t-meta text-subtle mono">
                <time datetime=entry.at.rfc3339() title=entry.at.rfc3339()>
                    {clock_text(entry.at)}
                </time>
            </td>
            <td role="cell" class="t-meta">
                <span class="flex items-center gap-2">
                    <span class="avatar avatar-sm hide-small" aria-hidden="true">
                        {if entry.actor == "Annex" { view! { <Icon name="box" class="icon-12" /> }.into_any() } else { initial.into_any() }}
                    </span>
                    {entry.actor}
                </span>
            </td>
            <td role="cell" class="t-name wrap">
                {what}
                {entry.detail.map(|detail| view! { <span class="block hint [overflow-wrap:anywhere]">{detail}</span> })}
            </td>
            {with_machine
                .then(|| {
                    view! {
                        <td role="cell" class="text-muted t-meta">
                            {place}
                        </td>
                    }
                })}
            <td role="cell" class="t-state">
                <OutcomeChip outcome=entry.outcome />
            </td>
        </tr>
    }
}

/// `22 Nov 2026`.
pub fn day_of(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = at.date_time();
    format!("{} {} {}", date.day(), MONTHS[usize::from(u8::from(date.month())) - 1], date.year())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
