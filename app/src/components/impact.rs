//! What a package does to a machine.

use domain::extension_image::Impact;
use leptos::prelude::*;

use crate::ui::Icon;

/// The short form, for cards.
#[component]
pub fn ImpactChips(
    /// What it does.
    impact: Impact,
) -> impl IntoView {
    let ports = impact.opens_ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let chips = [
        (impact.runs_as_root, "root", "runs as root".to_owned(), true),
        (impact.reboots, "reboot", "may reboot".to_owned(), true),
        (!ports.is_empty(), "port", format!("opens {ports}"), false),
    ];
    let none = chips.iter().all(|(on, ..)| !on);
    let shown = chips
        .into_iter()
        .filter(|(on, ..)| *on)
        .map(|(_, icon, text, strong)| {
            view! {
                <span class:is-strong=strong>
                    <Icon name=icon class="icon-12" />
                    {text}
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="impact-chips">
            {shown}
            {none
                .then(|| {
                    view! {
                        <span>
                            <Icon name="check" class="icon-12" />
                            "low impact"
                        </span>
                    }
                })}
        </div>
    }
    .into_any()
}

/// The long form: four facts with their words.
#[component]
pub fn ImpactGrid(
    /// What it does.
    impact: Impact,
) -> impl IntoView {
    let ports = impact.opens_ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let facts = [
        (
            "root",
            if impact.runs_as_root { "warn" } else { "ok" },
            if impact.runs_as_root { "Runs as root" } else { "Does not run as root" },
            impact.changes,
        ),
        (
            "egress",
            "info",
            "Network",
            if impact.network.is_empty() {
                "The package says nothing about hosts it talks to.".into()
            } else {
                impact.network
            },
        ),
        (
            "port",
            if ports.is_empty() { "ok" } else { "warn" },
            if ports.is_empty() { "Opens no ports" } else { "Opens ports" },
            if ports.is_empty() {
                "Nothing on the machine becomes reachable by it.".into()
            } else {
                format!("TCP {ports}")
            },
        ),
        (
            "reboot",
            if impact.reboots { "warn" } else { "ok" },
            if impact.reboots { "May reboot the machine" } else { "Never reboots by itself" },
            String::new(),
        ),
    ];
    let cells = facts
        .into_iter()
        .map(|(icon, state, title, text)| {
            view! {
                <div class="impact-fact" data-state=state>
                    <Icon name=icon />
                    <div>
                        <h3>{title}</h3>
                        <p class="hint">{text}</p>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! { <div class="impact-grid">{cells}</div> }
}
