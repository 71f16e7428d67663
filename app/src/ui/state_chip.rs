//! A state as icon and word.

use leptos::prelude::*;

use super::Icon;

/// Icon and word of a state. `state` is the `data-state` that colours it.
#[component]
pub fn StateChip(
    /// `ready`, `running`, `queued`, `waiting`, `update`, `degraded`, `warn`, `failed`, `silent`, `unknown` …
    state: &'static str,
    /// Symbol id.
    icon: &'static str,
    /// The word.
    #[prop(into)]
    label: Oco<'static, str>,
    /// Small mark and plain word instead of a filled chip: for what is as it should be.
    #[prop(optional)]
    quiet: bool,
    /// The large chip of a page head.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = match (quiet, large) {
        (true, _) => "state-chip is-quiet",
        (false, true) => "state-chip is-lg",
        (false, false) => "state-chip",
    };
    let spin = if icon == "arc" { "icon-12 spin" } else { "icon-12" };
    view! {
        <span class=class data-state=state>
            <Icon name=icon class=spin />
            {label}
        </span>
    }
    .into_any()
}
