//! Telemetry and health probes of agents, as lines of their machine's history.
//!
//! | what comes | what is kept |
//! | --- | --- |
//! | an operation on an extension | success or failure, message, duration |
//! | a log line or failure of the agent | warnings and errors |
//! | a probe | when it turns unhealthy, and healthy again |
//! | heartbeats, counters, everything else | nothing |
//!
//! Results of extensions are read from status documents alone; this only tells the story. Settings never get in.

use agent_protocol::{
    JsonDocument, TelemetryData,
    telemetry::{HealthObservations, TelemetryEvent},
};
use axum::{Extension, body::Bytes, extract::State, http::StatusCode};
use control::{AgentIdentity, AgentProbe, AgentTells};
use domain::{agent_days::length_words, agent_event::AgentEventKind};

use super::error::WireError;
use crate::state::AppState;

/// How the agent calls itself in its own events.
const AGENT: &str = "WALinuxAgent";
/// Longest name of an extension or probe that is kept, in characters.
const NAME_LONGEST: usize = 120;
/// Longest message, in characters.
const MESSAGE_LONGEST: usize = 400;
/// What marks a message that quotes settings.
const SETTINGS: [&str; 4] = ["protectedsettings", "publicsettings", "runtimesettings", "handlersettings"];

/// `POST /machine?comp=telemetrydata`.
pub(super) async fn events(state: &AppState, identity: &AgentIdentity, body: &[u8]) -> Result<StatusCode, WireError> {
    let told = TelemetryData::parse(body)?.events.iter().filter_map(told).collect();
    state.control().agent_tells(identity.vm_id, told).await?;
    Ok(StatusCode::OK)
}

/// `POST /HealthService`.
pub(super) async fn observations(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    body: Bytes,
) -> Result<StatusCode, WireError> {
    let probes = HealthObservations::parse(&body)?.observations.into_iter().map(|seen| AgentProbe {
        name: short(&seen.name, NAME_LONGEST),
        healthy: seen.healthy,
        description: without_settings(seen.description.as_deref().unwrap_or_default()),
    });
    state.control().agent_probes(identity.vm_id, probes.collect()).await?;
    Ok(StatusCode::OK)
}

/// What an event tells, if that is worth a line.
fn told(event: &TelemetryEvent) -> Option<AgentTells> {
    let text = |name| event.parameter(name).map(str::trim).unwrap_or_default();
    // a line of the agent's log: its level in CapabilityUsed, its text in Context1
    let level = text("CapabilityUsed");
    if !level.is_empty() {
        let kind = match level.to_ascii_uppercase().as_str() {
            "WARNING" | "WARN" => AgentEventKind::AgentWarning,
            "ERROR" => AgentEventKind::AgentError,
            _ => return None,
        };
        return Some(AgentTells { kind, subject: None, detail: without_settings(text("Context1")) });
    }
    let (name, operation) = (text("Name"), text("Operation"));
    let failed = text("OperationSuccess").eq_ignore_ascii_case("false");
    if operation.is_empty() || name.is_empty() || operation.to_ascii_lowercase().contains("heartbeat") {
        return None;
    }
    let own = name.eq_ignore_ascii_case(AGENT);
    let kind = match (own, failed) {
        (true, false) => return None,
        (true, true) => AgentEventKind::AgentError,
        (false, false) => AgentEventKind::ExtensionDid,
        (false, true) => AgentEventKind::ExtensionFailed,
    };
    let took = text("Duration").parse::<i64>().ok().filter(|ms| *ms > 0);
    let took = took.map(|ms| if ms < 1000 { format!(" ({ms} ms)") } else { format!(" ({})", length_words(ms)) });
    let message = without_settings(text("Message"));
    let message = if message.is_empty() { message } else { format!(": {message}") };
    Some(AgentTells {
        kind,
        subject: (!own).then(|| short(name, NAME_LONGEST)),
        detail: format!("{}{}{message}", short(operation, NAME_LONGEST), took.unwrap_or_default()),
    })
}

/// A message that may be shown: no settings, no control characters, not too long.
fn without_settings(message: &str) -> String {
    let lower = message.to_ascii_lowercase();
    if SETTINGS.iter().any(|word| lower.contains(word)) {
        return "(a message that quotes settings is not kept)".to_owned();
    }
    short(message, MESSAGE_LONGEST)
}

fn short(text: &str, longest: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = plain.take(longest + 1).collect();
    if short.chars().count() > longest {
        short.pop();
        short.push('…');
    }
    short.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use agent_protocol::telemetry::Parameter;

    use super::*;

    fn event(pairs: &[(&str, &str)]) -> TelemetryEvent {
        let parameter = |(name, value): &(&str, &str)| Parameter {
            name: (*name).into(),
            value: (*value).into(),
            kind: String::new(),
        };
        TelemetryEvent { parameters: pairs.iter().map(parameter).collect(), ..TelemetryEvent::default() }
    }

    fn line(pairs: &[(&str, &str)]) -> Option<(AgentEventKind, Option<String>, String)> {
        told(&event(pairs)).map(|tells| (tells.kind, tells.subject, tells.detail))
    }

    #[test]
    fn operations_on_extensions_and_troubles_of_the_agent_are_lines() {
        let enable = [
            ("Name", "Annex.Extensions.CustomScript"),
            ("Operation", "Enable"),
            ("OperationSuccess", "True"),
            ("Message", "Plugin\nenabled"),
            ("Duration", "2150"),
        ];
        let subject = Some("Annex.Extensions.CustomScript".to_owned());
        assert_eq!(
            line(&enable),
            Some((AgentEventKind::ExtensionDid, subject.clone(), "Enable (2 s): Plugin enabled".into()))
        );
        let mut failed = enable;
        (failed[2].1, failed[4].1) = ("False", "0");
        assert_eq!(line(&failed), Some((AgentEventKind::ExtensionFailed, subject, "Enable: Plugin enabled".into())));
        let own =
            [("Name", "WALinuxAgent"), ("Operation", "GoalState"), ("OperationSuccess", "False"), ("Message", "no")];
        assert_eq!(line(&own), Some((AgentEventKind::AgentError, None, "GoalState: no".into())));
        let log = [("EventName", "Log"), ("CapabilityUsed", "WARNING"), ("Context1", "slow disk")];
        assert_eq!(line(&log), Some((AgentEventKind::AgentWarning, None, "slow disk".into())));
    }

    #[test]
    fn heartbeats_counters_and_good_news_of_the_agent_are_dropped() {
        for pairs in [
            &[("Name", "WALinuxAgent"), ("Operation", "HeartBeat"), ("OperationSuccess", "True")][..],
            &[("Name", "WALinuxAgent"), ("Operation", "HostPluginHeartbeat"), ("OperationSuccess", "False")],
            &[("Name", "WALinuxAgent"), ("Operation", "GoalState"), ("OperationSuccess", "True")],
            &[("Category", "CPU"), ("Counter", "% Processor Time"), ("Value", "3")],
            &[("EventName", "Log"), ("CapabilityUsed", "INFO"), ("Context1", "hello")],
            &[],
        ] {
            assert_eq!(line(pairs), None, "{pairs:?}");
        }
    }

    #[test]
    fn settings_never_get_in_and_long_texts_are_cut() {
        let quoting = [("CapabilityUsed", "ERROR"), ("Context1", "bad {\"protectedSettings\": \"canary\"}")];
        assert!(!line(&quoting).unwrap().2.contains("canary"));
        let long = "x".repeat(10_000);
        assert_eq!(without_settings(&long).chars().count(), MESSAGE_LONGEST + 1);
    }
}
