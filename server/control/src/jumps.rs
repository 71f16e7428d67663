//! The server's clock may be set while something runs. What counts for a deadline is the time that really went by.
//!
//! ```text
//!  clock   10:00 ──► 10:05 ──(set forward)──► 12:05 ──►        a run begun at 10:01 ran 4 minutes, not 2 h 4
//!  steady    0 s ──► 300 s ─────────────────► 300 s ──►
//! ```
//! A clock that is set back needs nothing: deadlines only come later.

use std::time::Duration;

use domain::timestamp::Timestamp;

/// Differences below this are the usual drift and slewing.
const DRIFT_MS: i64 = 30_000;
/// After a start nothing times out for this long: agents first deliver what happened while no server was there.
const FIRST_WORDS: Duration = Duration::from_secs(60);

/// How far the clock was set forward, and when.
pub(crate) struct Jumps {
    started: Duration,
    last: (Timestamp, Duration),
    /// The last time before each jump, and by how much.
    forward: Vec<(Timestamp, i64)>,
}

impl Jumps {
    pub(crate) fn new(now: Timestamp, steady: Duration) -> Self {
        Self { started: steady, last: (now, steady), forward: Vec::new() }
    }

    /// Compares the clock with the time that went by since the last look. To be called every few seconds.
    pub(crate) fn look(&mut self, now: Timestamp, steady: Duration) {
        let (then, at) = std::mem::replace(&mut self.last, (now, steady));
        let passed = i64::try_from(steady.saturating_sub(at).as_millis()).unwrap_or(i64::MAX);
        let jump = now.millis_since(then) - passed;
        if jump.abs() > DRIFT_MS {
            tracing::warn!(seconds = jump / 1000, "the clock of this server was set");
        }
        if jump > DRIFT_MS {
            self.forward.push((then, jump));
        }
    }

    /// The time that deadlines of something begun at `since` are judged by; `None`: too early to judge.
    pub(crate) fn judging_time(&self, since: Timestamp) -> Option<Timestamp> {
        let (now, steady) = self.last;
        if steady.saturating_sub(self.started) < FIRST_WORDS {
            return None;
        }
        let jumped: i64 = self.forward.iter().filter(|(before, _)| since <= *before).map(|(_, by)| by).sum();
        Some(now.plus_millis(-jumped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_that_went_by_counts() {
        let at = Timestamp::from_millis;
        let mut jumps = Jumps::new(at(0), Duration::ZERO);
        assert_eq!(jumps.judging_time(at(0)), None, "agents come first");
        jumps.look(at(120_000), Duration::from_secs(120));
        assert_eq!(jumps.judging_time(at(60_000)), Some(at(120_000)));
        jumps.look(at(7_320_000), Duration::from_secs(120));
        assert_eq!(jumps.judging_time(at(60_000)), Some(at(120_000)), "begun before the jump");
        assert_eq!(jumps.judging_time(at(7_320_000)), Some(at(7_320_000)), "begun after it");
        jumps.look(at(130_000), Duration::from_secs(130));
        assert!(jumps.judging_time(at(60_000)) <= Some(at(130_000)), "set back: never earlier than it should");
    }
}
