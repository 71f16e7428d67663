//! How long waagent waits for an answer to "which goal state is in force?".
//!
//! ```text
//!  GET goalstate ──► Served{n} ──status──► Reported{n} ──GET goalstate──► held while it is still n, at most HOLD
//!        ▲                                      │ n+1: answered at once
//!        └──────────────────────────────────────┘
//! ```
//! waagent reports between its questions, so it is held only once it has said all there is to say: while an extension
//! is still at work it is answered every second. It asks again at once (`Extensions.GoalStatePeriod=0`), which is why an
//! answer that changes nothing is never given faster than once a second.

use std::time::Duration;

/// Its socket gives up after 10 s; 9.5 s were seen to work.
pub const HOLD: Duration = Duration::from_secs(8);
/// An unchanged answer takes at least this long.
pub const PACE: Duration = Duration::from_secs(1);
/// So many unchanged answers before its first report are given at once: a start asks several times.
const STARTING: u32 = 4;

/// Versions that were run against this relay, held, with every scenario of the tests; others are answered at the pace.
const HELD_VERSIONS: &[&str] = &["2.7.3.0", "2.12.0.2", "2.16.0.2"];

/// What is known of the conversation with waagent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    served: Option<u64>,
    reported: bool,
    at_work: bool,
    unreported: u32,
}

impl Conversation {
    /// How long an answer may wait for something other than `current`.
    #[must_use]
    pub fn patience(&self, current: u64, version: Option<&str>) -> Duration {
        if self.served != Some(current) {
            return Duration::ZERO;
        }
        if !self.reported {
            return if self.unreported < STARTING { Duration::ZERO } else { PACE };
        }
        let known = version.is_some_and(|version| HELD_VERSIONS.contains(&version));
        if known && !self.at_work { HOLD } else { PACE }
    }

    /// It was answered with this goal state; true when that is another one than before.
    pub fn answered(&mut self, incarnation: u64) -> bool {
        if self.served == Some(incarnation) {
            self.unreported = if self.reported { 0 } else { self.unreported.saturating_add(1) };
            return false;
        }
        *self = Self { served: Some(incarnation), at_work: self.at_work, ..Self::default() };
        true
    }

    /// It reported; `at_work`: an extension is not at its end yet.
    pub fn reported(&mut self, at_work: bool) {
        (self.reported, self.at_work, self.unreported) = (true, at_work, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::{Conversation, HOLD, PACE};
    use std::time::Duration;

    const KNOWN: Option<&str> = Some("2.16.0.2");

    #[test]
    fn it_is_held_once_it_has_said_everything() {
        let mut talk = Conversation::default();
        assert_eq!(talk.patience(1, KNOWN), Duration::ZERO, "the first question");
        talk.answered(1);
        assert_eq!(talk.patience(1, KNOWN), Duration::ZERO, "a start asks several times");
        talk.reported(true);
        assert_eq!(talk.patience(1, KNOWN), PACE, "an extension is at work: its status comes between questions");
        talk.reported(false);
        assert_eq!(talk.patience(1, KNOWN), HOLD);
        assert_eq!(talk.patience(2, KNOWN), Duration::ZERO, "news");
        talk.answered(2);
        assert_eq!(talk.patience(2, KNOWN), Duration::ZERO, "it works on it");
    }

    #[test]
    fn nobody_spins() {
        let mut talk = Conversation::default();
        for _ in 0..6 {
            talk.answered(1);
        }
        assert_eq!(talk.patience(1, KNOWN), PACE, "its reports do not arrive");
        talk.reported(false);
        assert_eq!(talk.patience(1, Some("2.99.0.0")), PACE, "nobody has seen this version being held");
        assert_eq!(talk.patience(1, None), PACE);
    }
}
