//! A state as icon and word.

use leptos::prelude::*;
use maud::{Markup, html};

use super::{icon::icon, still};

/// How much a chip stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Small mark and plain word: for what is as it should be.
    Quiet,
    /// A filled chip.
    Usual,
    /// The large chip of a page head.
    Large,
}

impl Weight {
    /// Large wins over quiet.
    pub const fn of(quiet: bool, large: bool) -> Self {
        match (quiet, large) {
            (_, true) => Self::Large,
            (true, false) => Self::Quiet,
            (false, false) => Self::Usual,
        }
    }
}

/// Icon and word of a state. `state` is the `data-state` that colours it: `ready`, `running`, `queued`, `waiting`, `update`,
/// `degraded`, `warn`, `failed`, `silent`, `unknown` …
pub fn state_chip((state, symbol): (&str, &str), label: &str, weight: Weight) -> Markup {
    let class = match weight {
        Weight::Quiet => "state-chip is-quiet",
        Weight::Usual => "state-chip",
        Weight::Large => "state-chip is-lg",
    };
    html! {
        span class=(class) data-state=(state) {
            (icon(symbol, if symbol == "arc" { "icon-12 spin" } else { "icon-12" }))
            (label)
        }
    }
}

/// [`state_chip`] as a component.
#[component]
pub fn StateChip(
    /// What colours it.
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
    still(state_chip((state, icon), &label, Weight::of(quiet, large)))
}
