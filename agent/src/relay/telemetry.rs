//! What of waagent's telemetry is worth telling: what it did with extensions, and what went wrong.

use agent_protocol::TelemetryData;
use agent_protocol::telemetry::TelemetryEvent;

/// Operations that say only that waagent lives, or how much it uses.
const SILENT: &[&str] = &[
    "HeartBeat",
    "HostPluginHeartbeat",
    "HostPluginHeartbeatExtended",
    "HttpErrors",
    "ImdsHeartbeat",
    "CGroupsInfo",
    "CGroupsCleanUp",
    "ReportEventErrors",
    "ConfigurationChange",
    "LogCollection",
    "Firewall",
    "OSInfo",
    "DefaultChannelChange",
];

/// The events that are passed on.
pub(super) fn worth_telling(data: TelemetryData) -> TelemetryData {
    TelemetryData { events: data.events.into_iter().filter(is_telling).collect() }
}

fn is_telling(event: &TelemetryEvent) -> bool {
    let Some(operation) = event.parameter("Operation") else { return false };
    let about_extension = event.parameter("Name").is_some_and(|name| !name.is_empty() && name != "WALinuxAgent");
    let went_wrong = event.parameter("OperationSuccess").is_some_and(|word| word.eq_ignore_ascii_case("false"));
    // newer versions tell each command twice: when it begins, with its whole environment, and when it is over
    let begins = event.parameter("Message").is_some_and(|message| message.starts_with("Executing command:"));
    !SILENT.contains(&operation) && !begins && (about_extension || went_wrong)
}

#[cfg(test)]
mod tests {
    use agent_protocol::TelemetryData;
    use agent_protocol::telemetry::{Parameter, TelemetryEvent};

    use super::worth_telling;

    #[test]
    fn only_extensions_and_failures_are_told() {
        let event = |pairs: &[(&str, &str)]| TelemetryEvent {
            parameters: pairs
                .iter()
                .map(|(name, value)| Parameter { name: (*name).into(), value: (*value).into(), kind: "mt:wstr".into() })
                .collect(),
            ..TelemetryEvent::default()
        };
        let install = event(&[("Name", "A.B"), ("Operation", "Install"), ("OperationSuccess", "True")]);
        let begins =
            event(&[("Name", "A.B"), ("Operation", "Install"), ("Message", "Executing command: /var/lib/waagent/x")]);
        let failure = event(&[("Name", "WALinuxAgent"), ("Operation", "GoalState"), ("OperationSuccess", "False")]);
        let beat = event(&[("Name", "WALinuxAgent"), ("Operation", "HeartBeat"), ("OperationSuccess", "False")]);
        let metric = event(&[("Category", "CPU")]);
        let data = TelemetryData { events: vec![begins, install.clone(), beat, failure.clone(), metric] };
        assert_eq!(worth_telling(data).events, [install, failure]);
    }
}
