//! One word, one icon, one colour for every state of the domain.

use domain::{
    activity::Outcome,
    extension::ExtensionState,
    guest_agent::{AgentHealth, HealthWord},
    operation::TargetState,
    vm::PowerState,
};
use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::{StateChip, Weight, ago, state_chip, still};

/// `data-state` and icon of an extension's state.
pub const fn extension_look(state: ExtensionState) -> (&'static str, &'static str) {
    match state {
        ExtensionState::Failed => ("failed", "cross"),
        ExtensionState::Unresponsive => ("failed", "silent"),
        ExtensionState::Degraded => ("degraded", "bang"),
        ExtensionState::Running => ("running", "arc"),
        ExtensionState::WaitingForAgent => ("waiting", "pause"),
        ExtensionState::Queued => ("queued", "queued"),
        ExtensionState::Unknown => ("unknown", "question"),
        ExtensionState::Ready => ("ready", "check"),
    }
}

/// `data-state` and icon of a target's or an operation's state.
pub const fn target_look(state: TargetState) -> (&'static str, &'static str) {
    match state {
        TargetState::Queued => ("queued", "queued"),
        TargetState::Running => ("running", "arc"),
        TargetState::Succeeded => ("ready", "check"),
        TargetState::Failed => ("failed", "cross"),
        TargetState::TimedOut => ("failed", "clock"),
        TargetState::Canceled | TargetState::Superseded => ("cancelled", "minus"),
    }
}

/// `data-state` and icon of an agent's health.
pub const fn health_look(health: HealthWord) -> (&'static str, &'static str) {
    match health {
        HealthWord::Ready => ("ready", "check"),
        HealthWord::NotResponding => ("warn", "silent"),
        HealthWord::Off => ("off", "power"),
        HealthWord::NeverSeen => ("waiting", "pause"),
        HealthWord::NotInstalled => ("unknown", "question"),
    }
}

/// `data-state` and icon of a machine's power.
pub const fn power_look(power: PowerState) -> (&'static str, &'static str) {
    match power {
        PowerState::Running => ("ready", "power"),
        PowerState::Starting | PowerState::Stopping => ("running", "arc"),
        PowerState::Stopped => ("off", "power"),
        PowerState::Unknown => ("unknown", "question"),
    }
}

/// An extension's state. Ready is quiet.
#[component]
pub fn ExtensionChip(
    /// The state.
    state: ExtensionState,
    /// The large chip of a page head.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let (look, icon) = extension_look(state);
    let quiet = matches!(state, ExtensionState::Ready | ExtensionState::Unknown);
    view! { <StateChip state=look icon label=state.label() quiet large /> }
}

/// A target's or an operation's state. Success and withdrawal are quiet. A queued target of a machine whose agent is
/// away waits for it.
#[component]
pub fn TargetChip(
    /// The state.
    state: TargetState,
    /// Health of the agent, for a single target.
    #[prop(optional)]
    health: Option<AgentHealth>,
    /// The large chip of a page head.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let waits = state == TargetState::Queued && health.is_some_and(|h| h.word() != HealthWord::Ready);
    if waits {
        return view! { <StateChip state="waiting" icon="pause" label="Waiting for agent" large /> }.into_any();
    }
    let (look, icon) = target_look(state);
    let quiet = matches!(state, TargetState::Succeeded | TargetState::Canceled | TargetState::Superseded);
    view! { <StateChip state=look icon label=state.label() quiet large /> }.into_any()
}

/// An agent's health in a word.
fn health_word(health: AgentHealth, large: bool) -> Markup {
    let word = health.word();
    let quiet = word != HealthWord::NotResponding;
    state_chip(health_look(word), word.label(), Weight::of(quiet, large))
}

/// What is wrong with an agent, and since when.
fn since(health: AgentHealth) -> Option<Markup> {
    match health {
        AgentHealth::NotResponding { why, since } => {
            Some(html! { span class="meta ms-2" { (why.since_words()) " " (ago(since)) } })
        }
        _ => None,
    }
}

/// An agent's health, with the reason and the age of its trouble.
pub fn health_chip(health: AgentHealth) -> Markup {
    html! { (health_word(health, false)) @if let Some(age) = since(health) { (age) } }
}

/// [`health_chip`] as a component.
#[component]
pub fn HealthChip(
    /// The health.
    health: AgentHealth,
    /// The large chip of a page head.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    view! {
        {still(health_word(health, large))}
        {since(health).map(still)}
    }
}

/// Whether a machine is on.
pub fn power_chip(power: PowerState, large: bool) -> Markup {
    let quiet = !matches!(power, PowerState::Starting | PowerState::Stopping);
    state_chip(power_look(power), power.label(), Weight::of(quiet, large))
}

/// [`power_chip`] as a component.
#[component]
pub fn PowerChip(
    /// The state.
    power: PowerState,
    /// The large chip of a page head.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    still(power_chip(power, large))
}

/// How a line of the activity log turned out.
#[component]
pub fn OutcomeChip(
    /// The outcome.
    outcome: Outcome,
) -> impl IntoView {
    let (look, icon, quiet) = match outcome {
        Outcome::Started => ("running", "play", true),
        Outcome::Succeeded => ("ready", "check", true),
        Outcome::Failed => ("failed", "cross", false),
        Outcome::Canceled => ("cancelled", "minus", true),
        Outcome::Refused => ("warn", "shield-off", false),
    };
    view! { <StateChip state=look icon label=outcome.label() quiet /> }
}

/// The icon of a package's category.
pub fn category_icon(category: &str) -> &'static str {
    match category {
        "Automation" => "terminal",
        "Monitoring" => "heart",
        "Security" => "shield",
        "Access" => "user_key",
        "Patching" => "patch",
        _ => "box",
    }
}
