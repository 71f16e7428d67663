//! What is known of the agent now.

use domain::{
    agent_days::length_words,
    agent_words::{CLOCK_RIGHT_MS, skew_words},
    guest_agent::GuestAgent,
    timestamp::Timestamp,
    vm::VmDetail,
};
use leptos::prelude::*;

use crate::ui::{Ago, CopyButton};

/// The facts, as far as they are known.
pub fn card(detail: VmDetail, thumbprint: Option<String>) -> AnyView {
    let body = match detail.vm.agent {
        Some(agent) => facts(agent, thumbprint),
        None => view! { <p class="hint">"No agent has enrolled."</p> }.into_any(),
    };
    view! {
        <section class="card" aria-labelledby="agent-facts">
            <div class="card-head">
                <h2 id="agent-facts">"Agent"</h2>
            </div>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}

fn facts(agent: GuestAgent, thumbprint: Option<String>) -> AnyView {
    let said = agent.said;
    let process = said.process.map(|(runs, since)| {
        let word = if runs { "running, seen since " } else { "gone, since " };
        view! {
            {word}
            <Ago at=since />
        }
        .into_any()
    });
    let next = said.next_poll_ms.map(|ms| format!("within {}", length_words(ms.max(1_000))));
    view! {
        <dl class="key-value">
            {fact("Program", Some(agent.kind.code().into_any()))}
            {fact("Version", (!agent.version.is_empty()).then(|| agent.version.clone().into_any()))}
            {fact("Relay", agent.relay_version.clone().map(|version| version.into_any()))} {fact("Process", process)}
            {fact("Enrolled", Some(when(agent.enrolled_at)))}
            {fact("Last heard of", Some(agent.last_contact_at.map_or_else(never, when)))}
            {fact("Goal state fetched", Some(agent.fetched_at().map_or_else(never, when)))}
            {fact("Last reported", Some(agent.reported_at().map_or_else(never, when)))}
            {fact("Asks again", next.map(IntoAny::into_any))}
            {fact("Clock", said.clock_skew_ms.map(|skew| clock(skew).into_any()))}
            {fact("Certificate (SHA-1)", thumbprint.map(certificate))}
        </dl>
    }
    .into_any()
}

fn fact(name: &'static str, value: Option<AnyView>) -> AnyView {
    value
        .map(|value| {
            view! {
                <dt>{name}</dt>
                <dd>{value}</dd>
            }
        })
        .into_any()
}

fn when(at: Timestamp) -> AnyView {
    view! { <Ago at /> }.into_any()
}

fn never() -> AnyView {
    "not yet".into_any()
}

fn clock(skew_ms: i64) -> String {
    if skew_ms.saturating_abs() <= CLOCK_RIGHT_MS { "agrees with the server's".to_owned() } else { skew_words(skew_ms) }
}

fn certificate(thumbprint: String) -> AnyView {
    view! {
        <span class="row !gap-1">
            <code class="truncate-1">{thumbprint.clone()}</code>
            <CopyButton text=thumbprint label="Copy the thumbprint" />
        </span>
    }
    .into_any()
}
