//! What an agent says about itself with its requests, and which of it is news.

use crate::{agent_event::AgentEventKind, guest_agent::UNKNOWN_VERSION};

/// A clock that differs by more than this is wrong.
pub const CLOCK_WRONG_MS: i64 = 5_000;
/// A wrong clock is right again when it differs by less than this: one that stands just at the limit tells nothing twice.
pub const CLOCK_RIGHT_MS: i64 = 3_000;

/// What an agent says about itself. What is missing is unknown, and what was known before stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentWords {
    /// Version of the guest agent.
    pub version: Option<String>,
    /// Version of the relay that speaks for it.
    pub relay: Option<String>,
    /// The process that holds the credential.
    pub holder: Option<String>,
    /// The guest agent's process.
    pub life: Option<String>,
    /// The machine's boot.
    pub boot: Option<String>,
    /// The machine's fingerprint.
    pub machine: Option<String>,
    /// Whether the guest agent's process runs.
    pub process_runs: Option<bool>,
    /// The clock is known to be wrong.
    pub clock_wrong: Option<bool>,
}

impl AgentWords {
    /// What is known after `said`.
    #[must_use]
    pub fn after(&self, said: &Self) -> Self {
        let text = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
        Self {
            version: text(&said.version, &self.version),
            relay: text(&said.relay, &self.relay),
            holder: text(&said.holder, &self.holder),
            life: text(&said.life, &self.life),
            boot: text(&said.boot, &self.boot),
            machine: text(&said.machine, &self.machine),
            process_runs: said.process_runs.or(self.process_runs),
            clock_wrong: said.clock_wrong.or(self.clock_wrong),
        }
    }

    /// Does `said` say nothing that is not known?
    #[must_use]
    pub fn cover(&self, said: &Self) -> bool {
        fn same<T: PartialEq>(known: &Option<T>, said: &Option<T>) -> bool {
            said.is_none() || known == said
        }
        same(&self.holder, &said.holder)
            && same(&self.life, &said.life)
            && same(&self.boot, &said.boot)
            && same(&self.machine, &said.machine)
            && same(&self.version, &said.version)
            && same(&self.relay, &said.relay)
            && same(&self.process_runs, &said.process_runs)
            && same(&self.clock_wrong, &said.clock_wrong)
    }

    /// Is a clock that is ahead by `skew_ms` wrong, when before it was as these words say?
    #[must_use]
    pub fn judge_clock(&self, skew_ms: i64) -> bool {
        let limit = if self.clock_wrong == Some(true) { CLOCK_RIGHT_MS } else { CLOCK_WRONG_MS };
        skew_ms.saturating_abs() > limit
    }

    /// The lines of the machine's history that `said` is worth, each with its detail. A process that is gone or back is
    /// not among them: it changes the agent's health, and that has lines of its own.
    #[must_use]
    pub fn news(&self, said: &Self, skew_ms: i64) -> Vec<(AgentEventKind, String)> {
        let mut news = Vec::new();
        let changed = |before: &Option<String>, now: &Option<String>| match (before, now) {
            (Some(before), Some(now)) if before != now && !before.is_empty() && before != UNKNOWN_VERSION => {
                Some(format!("{before} → {now}"))
            }
            _ => None,
        };
        // before its first words only the enrolment told a version, and that may have been the relay's
        let version = changed(&self.version, &said.version).filter(|_| self.holder.is_some() || self.life.is_some());
        let relay = changed(&self.relay, &said.relay);
        let rebooted = changed(&self.boot, &said.boot).is_some();
        let restarted = changed(&self.life, &said.life).is_some();
        let held_anew = changed(&self.holder, &said.holder).is_some();
        if rebooted {
            news.push((AgentEventKind::Rebooted, String::new()));
        } else if restarted {
            news.push((AgentEventKind::AgentRestarted, String::new()));
        }
        if held_anew && !rebooted && said.relay.is_some() {
            news.push((AgentEventKind::RelayRestarted, String::new()));
        }
        news.extend(version.map(|detail| (AgentEventKind::AgentVersion, detail)));
        news.extend(relay.map(|detail| (AgentEventKind::RelayVersion, detail)));
        match (self.clock_wrong.unwrap_or(false), said.clock_wrong) {
            (false, Some(true)) => news.push((AgentEventKind::ClockWrong, skew_words(skew_ms))),
            (true, Some(false)) => news.push((AgentEventKind::ClockRight, String::new())),
            _ => {}
        }
        news
    }
}

/// "12 s ahead of the server's", "3 min behind the server's".
#[must_use]
pub fn skew_words(skew_ms: i64) -> String {
    let direction = if skew_ms < 0 { "behind" } else { "ahead of" };
    format!("{} {direction} the server's", crate::agent_days::length_words(skew_ms.saturating_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(life: &str, boot: &str, holder: &str) -> AgentWords {
        let text = |text: &str| Some(text.to_owned());
        AgentWords {
            version: text("2.7.3"),
            relay: text("0.1.0"),
            holder: text(holder),
            life: text(life),
            boot: text(boot),
            ..AgentWords::default()
        }
    }

    fn kinds(before: &AgentWords, said: &AgentWords) -> Vec<AgentEventKind> {
        before.news(said, 0).into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn only_what_differs_from_something_known_is_news() {
        let before = words("l1", "b1", "h1");
        assert_eq!(kinds(&AgentWords::default(), &before), [], "the first words are no change");
        assert_eq!(kinds(&before, &AgentWords::default()), [], "saying nothing is none either");
        assert_eq!(kinds(&before, &words("l2", "b1", "h1")), [AgentEventKind::AgentRestarted]);
        assert_eq!(kinds(&before, &words("l1", "b1", "h2")), [AgentEventKind::RelayRestarted]);
        assert_eq!(
            kinds(&before, &words("l2", "b2", "h2")),
            [AgentEventKind::Rebooted],
            "a reboot restarts everything"
        );
        let newer = AgentWords { version: Some("2.16".into()), ..before.clone() };
        assert_eq!(before.news(&newer, 0), [(AgentEventKind::AgentVersion, "2.7.3 → 2.16".to_owned())]);
        let enrolled = AgentWords { version: Some(UNKNOWN_VERSION.into()), ..before.clone() };
        assert_eq!(kinds(&enrolled, &before), [], "what the enrolment could not tell is no change");
        assert_eq!(before.after(&AgentWords { relay: None, ..newer.clone() }).relay, before.relay);
    }

    #[test]
    fn a_clock_at_the_limit_does_not_flap() {
        let right = AgentWords { clock_wrong: Some(false), ..AgentWords::default() };
        let wrong = AgentWords { clock_wrong: Some(true), ..AgentWords::default() };
        assert!(!AgentWords::default().judge_clock(5_000));
        assert!(right.judge_clock(-5_001));
        assert!(wrong.judge_clock(4_000), "not right yet");
        assert!(!wrong.judge_clock(-2_000));
        assert_eq!(right.news(&wrong, -65_000), [(AgentEventKind::ClockWrong, "1 min 5 s behind the server's".into())]);
        assert_eq!(kinds(&wrong, &right), [AgentEventKind::ClockRight]);
        assert_eq!(kinds(&wrong, &wrong), []);
        assert!(right.judge_clock(i64::MIN), "the wildest clock is wrong, too");
    }
}
