//! How a machine's agent stood, day by day (UTC).
//!
//! ```text
//!  events   ──ready───────────┬──not ready──┬──ready──────────
//!  server   ══════════════════╪═════╗       ╚═════════════════     (was up)
//!  day      ready 14 h · not ready 2 h · unknown 1 h · ready …
//! ```
//! Nobody knows how a machine stood while no server was there to hear of it: that is a state of its own.

use serde::{Deserialize, Serialize};

use crate::{guest_agent::AgentHealth, timestamp::Timestamp};

/// Days in a strip.
pub const STRIP_DAYS: u16 = 30;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;
/// A server notes this often that it is up.
pub const UP_NOTED_MS: i64 = 60_000;

/// How a machine's agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// It could be counted on.
    Ready,
    /// It could not, although the machine should have been on.
    NotReady,
    /// The machine was off.
    Off,
    /// Nothing had enrolled.
    NotEnrolled,
    /// No server was there to know.
    Unknown,
}

impl Standing {
    /// All of them, in the order of a bar.
    pub const ALL: [Self; 5] = [Self::Ready, Self::NotReady, Self::Off, Self::Unknown, Self::NotEnrolled];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not-ready",
            Self::Off => "off",
            Self::NotEnrolled => "not-enrolled",
            Self::Unknown => "unknown",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not ready",
            Self::Off => "off",
            Self::NotEnrolled => "not enrolled",
            Self::Unknown => "unknown",
        }
    }

    /// How a machine with this health stands.
    pub const fn of(health: AgentHealth) -> Self {
        match health {
            AgentHealth::NotInstalled => Self::NotEnrolled,
            AgentHealth::Ready => Self::Ready,
            AgentHealth::NeverSeen | AgentHealth::NotResponding { .. } => Self::NotReady,
            AgentHealth::Off => Self::Off,
        }
    }
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Midnight, UTC.
    pub begins: Timestamp,
    /// How long it stood how, in milliseconds, in the order of [`Standing::ALL`]; together the day as far as it has gone.
    pub parts: Vec<(Standing, i64)>,
}

impl Day {
    /// How long it stood so, in milliseconds.
    pub fn millis(&self, standing: Standing) -> i64 {
        self.parts.iter().filter(|(s, _)| *s == standing).map(|(_, ms)| ms).sum()
    }

    /// "ready 23 h 10 min, not ready 50 min".
    pub fn words(&self) -> String {
        let parts: Vec<String> =
            self.parts.iter().map(|(standing, ms)| format!("{} {}", standing.label(), length_words(*ms))).collect();
        parts.join(", ")
    }
}

/// A length of time in at most two units, rounded down: "1 day", "23 h 10 min", "4 min", "12 s".
pub fn length_words(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let two = |first: String, second: i64, unit: &str| {
        if second == 0 { first } else { format!("{first} {second} {unit}") }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => two(format!("{minutes} min"), seconds % 60, "s"),
        (0, _, _) => two(format!("{hours} h"), minutes, "min"),
        (1, _, _) => two("1 day".into(), hours, "h"),
        _ => two(format!("{days} days"), hours, "h"),
    }
}

/// The midnight (UTC) that a strip ending at `now` begins at.
pub fn strip_begins(now: Timestamp) -> Timestamp {
    let today = now.millis().div_euclid(DAY_MS);
    Timestamp::from_millis((today - i64::from(STRIP_DAYS) + 1) * DAY_MS)
}

/// The strip that ends at `now`.
///
/// `before`: how the machine stood when the strip began. `changes`: when that changed, oldest first; what lies outside of the
/// strip is harmless. `up`: when servers were there, in any order, overlapping or not.
pub fn strip(
    before: Standing,
    changes: &[(Timestamp, Standing)],
    up: &[(Timestamp, Timestamp)],
    now: Timestamp,
) -> Vec<Day> {
    let begin = strip_begins(now);
    let within = |at: &i64| (begin.millis()..now.millis()).contains(at);
    let midnights = (0..i64::from(STRIP_DAYS)).map(|day| begin.millis() + day * DAY_MS);
    let mut cuts: Vec<i64> = midnights.clone().collect();
    cuts.extend(changes.iter().map(|(at, _)| at.millis()).filter(within));
    cuts.extend(up.iter().flat_map(|(from, to)| [from.millis(), to.millis()]).filter(within));
    cuts.push(now.millis());
    cuts.sort_unstable();
    cuts.dedup();

    let mut up: Vec<(i64, i64)> = up.iter().map(|(from, to)| (from.millis(), to.millis())).collect();
    up.sort_unstable();
    let mut changes = changes.iter().peekable();
    let (mut standing, mut next_up, mut up_until) = (before, up.into_iter().peekable(), i64::MIN);
    let mut days: Vec<Day> =
        midnights.map(|at| Day { begins: Timestamp::from_millis(at), parts: Vec::new() }).collect();
    for piece in cuts.windows(2) {
        let (from, to) = (piece[0], piece[1]);
        while let Some((_, new)) = changes.next_if(|(at, _)| at.millis() <= from) {
            standing = *new;
        }
        while let Some((_, until)) = next_up.next_if(|(since, _)| *since <= from) {
            up_until = up_until.max(until);
        }
        // nothing enrols without a server
        let known = up_until > from || standing == Standing::NotEnrolled;
        let seen = if known { standing } else { Standing::Unknown };
        let day = usize::try_from((from - begin.millis()) / DAY_MS).unwrap_or(0);
        let Some(day) = days.get_mut(day) else { continue };
        match day.parts.iter_mut().find(|(s, _)| *s == seen) {
            Some((_, ms)) => *ms += to - from,
            None => day.parts.push((seen, to - from)),
        }
    }
    for day in &mut days {
        day.parts.sort_by_key(|(s, _)| Standing::ALL.iter().position(|other| other == s));
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    /// Noon of a day.
    const NOW: Timestamp = Timestamp::from_millis(20_000 * DAY_MS + 12 * HOUR);

    fn at(days_ago: i64, hour: i64) -> Timestamp {
        Timestamp::from_millis((20_000 - days_ago) * DAY_MS + hour * HOUR)
    }

    fn always() -> Vec<(Timestamp, Timestamp)> {
        vec![(at(400, 0), NOW.plus_millis(HOUR))]
    }

    #[test]
    fn a_strip_has_thirty_days_and_today_is_as_long_as_it_has_gone() {
        let days = strip(Standing::Ready, &[], &always(), NOW);
        assert_eq!(days.len(), 30);
        assert_eq!((days[0].begins, days[29].begins), (at(29, 0), at(0, 0)));
        assert!(days[..29].iter().all(|day| day.parts == [(Standing::Ready, DAY_MS)]));
        assert_eq!(days[29].parts, [(Standing::Ready, 12 * HOUR)]);
        let midnight = strip(Standing::Ready, &[], &always(), at(0, 0));
        assert_eq!((midnight.len(), midnight[29].parts.len()), (30, 0), "a day that has just begun has no parts");
    }

    #[test]
    fn what_lasts_over_midnight_is_shared_between_the_days() {
        let changes = [(at(2, 22), Standing::NotReady), (at(1, 3), Standing::Ready), (at(0, 6), Standing::Off)];
        let days = strip(Standing::Ready, &changes, &always(), NOW);
        assert_eq!(days[27].parts, [(Standing::Ready, 22 * HOUR), (Standing::NotReady, 2 * HOUR)]);
        assert_eq!(days[28].parts, [(Standing::Ready, 21 * HOUR), (Standing::NotReady, 3 * HOUR)]);
        assert_eq!(days[29].parts, [(Standing::Ready, 6 * HOUR), (Standing::Off, 6 * HOUR)]);
        assert_eq!(days[27].words(), "ready 22 h, not ready 2 h");
    }

    #[test]
    fn while_no_server_was_there_nobody_knows() {
        let up = [(at(3, 0), at(2, 6)), (at(2, 4), at(2, 8)), (at(2, 20), at(1, 1)), (at(1, 2), NOW)];
        let changes = [(at(2, 7), Standing::NotReady)];
        let days = strip(Standing::Ready, &changes, &up, NOW);
        assert_eq!(days[25].parts, [(Standing::Unknown, DAY_MS)], "before the first server");
        assert_eq!(days[26].parts, [(Standing::Ready, DAY_MS)]);
        assert_eq!(
            days[27].parts,
            [(Standing::Ready, 7 * HOUR), (Standing::NotReady, 5 * HOUR), (Standing::Unknown, 12 * HOUR)],
            "two servers at once count once"
        );
        assert_eq!(days[28].parts, [(Standing::NotReady, 23 * HOUR), (Standing::Unknown, HOUR)]);
    }

    #[test]
    fn before_enrolment_there_is_nothing_to_know() {
        let changes = [(at(1, 12), Standing::NotReady), (at(1, 13), Standing::Ready)];
        let days = strip(Standing::NotEnrolled, &changes, &[(at(1, 11), NOW)], NOW);
        assert_eq!(days[0].parts, [(Standing::NotEnrolled, DAY_MS)], "not unknown, although no server was there");
        assert_eq!(
            days[28].parts,
            [(Standing::Ready, 11 * HOUR), (Standing::NotReady, HOUR), (Standing::NotEnrolled, 12 * HOUR)]
        );
    }

    #[test]
    fn what_lies_outside_of_the_strip_is_harmless() {
        let changes = [(at(50, 0), Standing::Off), (at(40, 0), Standing::Ready), (at(-1, 0), Standing::Off)];
        let days = strip(Standing::Unknown, &changes, &always(), NOW);
        assert_eq!(days[0].parts, [(Standing::Ready, DAY_MS)]);
        assert_eq!(days[29].parts, [(Standing::Ready, 12 * HOUR)], "an event of a time to come has not happened");
    }

    #[test]
    fn lengths_read_well() {
        for (ms, words) in [
            (0, "0 s"),
            (12_999, "12 s"),
            (65_000, "1 min 5 s"),
            (HOUR, "1 h"),
            (23 * HOUR + 600_000, "23 h 10 min"),
            (DAY_MS, "1 day"),
            (50 * HOUR, "2 days 2 h"),
        ] {
            assert_eq!(length_words(ms), words);
        }
    }
}
