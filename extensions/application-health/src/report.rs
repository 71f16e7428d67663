//! The words and parts of a health status. The order of the parts matters: hosts read the first one.

use handler_sdk::status::{Level, Status, Substatus};

use crate::machine::Health;
use crate::probe::Reading;
use crate::probe::answer;

/// The name under which statuses are filed.
pub const NAME: &str = "ApplicationHealth";
/// The code for settings that cannot be used.
pub const SETTINGS_FAULT: i64 = 53;

/// The status before the first probe.
#[must_use]
pub fn in_progress() -> Status {
    Status::new(Level::Transitioning, 0, "Enable in progress")
}

/// The status when no probing is possible.
#[must_use]
pub fn failed(code: i64, reason: &str) -> Status {
    Status::new(Level::Error, code, format!("Enable failed: {reason}"))
}

/// The status after a probe. The extension itself is well as long as it can look, whatever it sees.
#[must_use]
pub fn probed(health: Health, reading: &Reading) -> Status {
    let (level, words) = match health {
        Health::Healthy => (Level::Success, "Application found to be healthy"),
        Health::Unhealthy | Health::Unknown => (Level::Error, "Application found to be unhealthy"),
        Health::Initializing => (Level::Transitioning, "Application is initializing"),
    };
    let mut parts = vec![
        Substatus::new("AppHealthStatus", level, words),
        Substatus::new("ApplicationHealthState", level, health.word()),
    ];
    if let Some(metrics) = &reading.custom_metrics {
        let level = if answer::are_metrics_valid(metrics) { Level::Success } else { Level::Error };
        parts.push(Substatus::new("CustomMetrics", level, metrics.as_str()));
    }
    let seen = Health::from(reading.observed);
    let level = if seen == Health::Healthy { Level::Success } else { Level::Warning };
    let detail = format!("{} after {} ms: {}", seen.word(), reading.took.as_millis(), reading.detail);
    parts.push(Substatus::new("LastProbe", level, detail));
    Status::new(Level::Success, 0, "Successfully polling for application health").with_parts(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Observed;
    use std::time::Duration;

    fn parts(health: Health, metrics: Option<&str>) -> Vec<(String, Level)> {
        let reading = Reading {
            observed: Observed::Healthy,
            custom_metrics: metrics.map(ToOwned::to_owned),
            detail: "fine".into(),
            took: Duration::from_millis(3),
        };
        let status = probed(health, &reading);
        assert_eq!((status.level, status.code), (Level::Success, 0));
        assert_eq!(status.parts.last().unwrap().message, "Healthy after 3 ms: fine");
        status.parts.into_iter().map(|part| (part.name, part.level)).collect()
    }

    #[test]
    fn the_first_part_is_what_hosts_read() {
        for (health, level) in [
            (Health::Initializing, Level::Transitioning),
            (Health::Healthy, Level::Success),
            (Health::Unhealthy, Level::Error),
            (Health::Unknown, Level::Error),
        ] {
            assert_eq!(parts(health, None)[0], ("AppHealthStatus".to_owned(), level));
            assert_eq!(parts(health, None)[1], ("ApplicationHealthState".to_owned(), level));
        }
        assert_eq!(parts(Health::Healthy, Some("{\"a\":1}"))[2], ("CustomMetrics".to_owned(), Level::Success));
        assert_eq!(parts(Health::Healthy, Some("a"))[2], ("CustomMetrics".to_owned(), Level::Error));
    }
}
