//! The handlers' part of the status document (wire-protocol 7), from records and seen files. Pure.
//!
//! A goal state counts as reached (`inSvdSeqNo`) as soon as it was taken up. So that nobody mistakes an old result for
//! a new one, whatever is still due says `transitioning`, and a handler is `Ready` only when nothing is due on it.

use std::time::{Duration, SystemTime};

use agent_protocol::status::{RuntimeSettingsStatus, SettingsStatus};
use agent_protocol::{ExtensionStatus, FormattedMessage, HandlerStatus, Heartbeat, StatusLevel, Timestamp};
use time::OffsetDateTime;

use super::places::Places;
use super::record::{ExtensionRecord, HandlerState, Outcome, Record};
use super::seen::{Seen, SeenFiles};
use super::{Limits, SINGLE, Version, Wish, codes};

/// What the report is made with.
#[derive(Clone, Copy, Debug)]
pub struct Reporter<'a> {
    /// Where the files are.
    pub places: &'a Places,
    /// When files count as broken or stale.
    pub limits: &'a Limits,
    /// What was seen of them.
    pub seen: &'a SeenFiles,
}

impl Reporter<'_> {
    /// The elements for one handler: one, or one for each named instance.
    #[must_use]
    pub fn handler(&self, record: &Record) -> Vec<HandlerStatus> {
        let base = self.base(record);
        let current =
            record.current().or(record.target.as_ref().filter(|target| record.versions.contains_key(*target)));
        let installed = record.current().is_some();
        let part = |key: &str, known: &ExtensionRecord| {
            let status = match current {
                Some(version) if installed && known.has_settings && record.wish == Wish::Enabled => {
                    Some(self.settings(record, version, key, known))
                }
                _ => None,
            };
            HandlerStatus { runtime_settings_status: status, ..base.clone() }
        };
        let parts: Vec<_> = record.extensions.iter().map(|(key, known)| part(key, known)).collect();
        if parts.is_empty() { vec![base] } else { parts }
    }

    fn base(&self, record: &Record) -> HandlerStatus {
        let version = record.target.as_ref().or(record.requested.as_ref()).or(record.current());
        let (status, code, message) = self.readiness(record);
        HandlerStatus {
            handler_name: record.handler.clone(),
            handler_version: version.map(Version::to_string).unwrap_or_default(),
            status,
            code,
            use_exact_version: true,
            formatted_message: FormattedMessage::english(message),
            runtime_settings_status: None,
        }
    }

    fn readiness(&self, record: &Record) -> (String, i64, String) {
        let not_ready = |code, message: &str| ("NotReady".to_owned(), code, message.to_owned());
        match (&record.outcome, record.wish) {
            (Outcome::Failed(failure), _) => not_ready(failure.code, &failure.message),
            (Outcome::Done, Wish::Disabled) => not_ready(0, "Plugin disabled"),
            (Outcome::Pending, Wish::Disabled) => not_ready(0, "Plugin is being disabled"),
            (_, Wish::Uninstalled) => not_ready(0, "Plugin is being uninstalled"),
            (Outcome::Pending, Wish::Enabled) => {
                let target = record.target.as_ref();
                let settings_only = target.is_some_and(|target| record.state(target) == Some(HandlerState::Enabled))
                    && record.extensions.values().all(|known| known.has_settings);
                match record.current() {
                    Some(_) if settings_only => self.alive(record),
                    Some(current) if Some(current) != target => not_ready(0, "Plugin is being updated"),
                    Some(_) => not_ready(0, "Plugin installed but not enabled"),
                    None => not_ready(0, "Plugin is being installed"),
                }
            }
            (Outcome::Done, Wish::Enabled) => self.alive(record),
        }
    }

    /// An enabled handler: what its heartbeat says, or simply ready.
    fn alive(&self, record: &Record) -> (String, i64, String) {
        let ready = ("Ready".to_owned(), 0, "Plugin enabled".to_owned());
        let Some(home) = heartbeat_home(record, self.places) else { return ready };
        let Some(seen) = self.seen.beat(&home) else { return ready };
        let not_ready = |message: String| ("NotReady".to_owned(), codes::UNKNOWN, message);
        match beat(&seen, self.limits, SystemTime::now()) {
            Beat::Fine(beat) => (word(&beat.status), beat.code, beat.formatted_message.message),
            Beat::Early => ready,
            Beat::Missing => not_ready(format!("the handler reports heartbeats, but {} is missing", home.display())),
            Beat::Broken(reason) => not_ready(format!("the heartbeat file can not be understood: {reason}")),
            Beat::Stale(age) => (
                "Unresponsive".to_owned(),
                codes::UNKNOWN,
                format!("the last heartbeat is {} seconds old", age.as_secs()),
            ),
        }
    }

    fn settings(
        &self,
        record: &Record,
        version: &Version,
        key: &str,
        known: &ExtensionRecord,
    ) -> RuntimeSettingsStatus {
        let path = self.places.home(&record.handler, version).status_file(key, known.sequence);
        let seen = self.seen.status(&path);
        let good = seen.as_ref().and_then(|seen| seen.good.clone());
        let failed = known.failure.is_some() || matches!(record.outcome, Outcome::Failed(_));
        let status = match (&known.failure, &seen) {
            // The handler's own reason is better than "exit code 1".
            (Some(failure), _) => match good.filter(|status| status.status.status == StatusLevel::Error) {
                Some(status) => status,
                None => own(StatusLevel::Error, failure.code, failure.message.clone()),
            },
            (None, _) if known.due && !failed => own(
                StatusLevel::Transitioning,
                0,
                format!("the settings with sequence number {} are being applied", known.sequence),
            ),
            (None, Some(seen)) if seen.wrong(self.limits.grace).is_some() => {
                let reason = seen.wrong(self.limits.grace).unwrap_or_default();
                own(
                    StatusLevel::Error,
                    codes::STATUS_INVALID,
                    format!("{} is no valid status: {reason}", path.display()),
                )
            }
            (None, _) => good.unwrap_or_else(|| filler(record, key, known.sequence)),
        };
        RuntimeSettingsStatus {
            sequence_number: Some(known.sequence),
            extension_name: (key != SINGLE).then(|| key.to_owned()),
            settings_status: Some(status),
        }
    }

    /// The status of an instance that is not due, when it is final.
    #[must_use]
    pub fn terminal(&self, record: &Record, key: &str) -> Option<ExtensionStatus> {
        let known = record.extensions.get(key).filter(|known| !known.due)?;
        let status = self.settings(record, record.current()?, key, known).settings_status?.status;
        status.status.is_terminal().then_some(status)
    }
}

/// The heartbeat file of an enabled handler that reports heartbeats.
#[must_use]
pub fn heartbeat_home(record: &Record, places: &Places) -> Option<std::path::PathBuf> {
    let current = record.current()?;
    let found = record.versions.get(current)?;
    let beats = found.traits.heartbeat && found.state == HandlerState::Enabled && record.wish == Wish::Enabled;
    beats.then(|| places.home(&record.handler, current).heartbeat())
}

enum Beat<'a> {
    Fine(Heartbeat),
    Early,
    Missing,
    Broken(&'a str),
    Stale(Duration),
}

fn beat<'a>(seen: &'a Seen<Heartbeat>, limits: &Limits, now: SystemTime) -> Beat<'a> {
    let Some(modified) = seen.modified else {
        return if seen.since.elapsed() < limits.grace { Beat::Early } else { Beat::Missing };
    };
    // A clock that was set back makes the age negative: fresh.
    let age = now.duration_since(modified).unwrap_or_default();
    match (seen.wrong(limits.grace), &seen.good) {
        (Some(reason), _) => Beat::Broken(reason),
        (None, _) if age > limits.heartbeat => Beat::Stale(age),
        (None, Some(good)) => Beat::Fine(good.clone()),
        (None, None) => Beat::Early,
    }
}

/// `ready` and `notready` as the document spells them; any other word as it is.
fn word(status: &str) -> String {
    match status.trim() {
        word if word.eq_ignore_ascii_case("ready") => "Ready".to_owned(),
        word if word.eq_ignore_ascii_case("notready") => "NotReady".to_owned(),
        word => word.to_owned(),
    }
}

/// The document's moment.
#[must_use]
pub fn now() -> String {
    Timestamp::from(OffsetDateTime::now_utc()).to_string()
}

fn own(status: StatusLevel, code: i64, message: String) -> SettingsStatus {
    SettingsStatus {
        version: 1.0,
        timestamp_utc: String::new(),
        status: ExtensionStatus {
            status,
            code,
            formatted_message: FormattedMessage::english(message),
            ..ExtensionStatus::default()
        },
    }
}

fn filler(record: &Record, key: &str, sequence: u64) -> SettingsStatus {
    let name = if key == SINGLE { &record.handler } else { key };
    own(
        StatusLevel::Transitioning,
        0,
        format!(
            "This status is being reported by the Guest Agent since no status file was reported by extension {name} \
             for sequence number {sequence}"
        ),
    )
}
