//! When an agent was last heard of.

use domain::{
    guest_agent::{AgentHealth, GuestAgent},
    timestamp::Timestamp,
};
use leptos::prelude::*;

use crate::ui::Ago;

/// A ring and a sentence. An agent that holds its request open is listening now, however long nothing was said.
#[component]
pub fn AgentClock(
    /// The agent; `None`: nothing has enrolled.
    agent: Option<GuestAgent>,
    /// Its health.
    health: AgentHealth,
) -> impl IntoView {
    let seen = agent.and_then(|a| a.last_contact_at);
    let words = match (health, seen) {
        (AgentHealth::Ready, _) => view! { "Agent listening" }.into_any(),
        (AgentHealth::NotInstalled, _) => view! { "No agent has enrolled" }.into_any(),
        (_, None) => view! { "Agent never seen" }.into_any(),
        (_, Some(at)) => seen_at(at).into_any(),
    };
    let listening = matches!(health, AgentHealth::Ready);
    view! {
        <span class="agent-clock">
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <circle cx="10" cy="10" r="7.2" />
                {listening.then(|| view! { <circle cx="10" cy="10" r="7.2" pathLength="100" /> })}
            </svg>
            <span>{words}</span>
        </span>
    }
}

fn seen_at(at: Timestamp) -> impl IntoView {
    view! {
        "Agent seen "
        <Ago at />
    }
}
