//! What a package does to a machine.

use domain::extension_image::Impact;
use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::{Icon, icon};

/// The short form, for cards.
pub fn impact_chips(impact: &Impact) -> Markup {
    let ports = impact.opens_ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let low = !impact.runs_as_root && !impact.reboots && ports.is_empty();
    html! {
        div class="impact-chips" {
            @if impact.runs_as_root { span class="is-strong" { (icon("root", "icon-12")) "runs as root" } }
            @if impact.reboots { span class="is-strong" { (icon("reboot", "icon-12")) "may reboot" } }
            @if !ports.is_empty() { span { (icon("port", "icon-12")) "opens " (ports) } }
            @if low { span { (icon("check", "icon-12")) "low impact" } }
        }
    }
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
