//! Points in time as whole milliseconds: what the database, the wire and the browser all carry.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Differences between two clocks up to this many milliseconds are taken for travel time.
pub const CLOCKS_AGREE_MS: u64 = 2_000;

/// Unix time in milliseconds, UTC. Nothing in this crate reads a clock: times are parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From unix milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Unix milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Milliseconds from `earlier` to `self`; negative when the clock went backwards.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// This time plus `millis` milliseconds.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// A time that another clock showed, by our own: that clock showed `theirs` when ours showed `now`. Clocks that agree
    /// within [`CLOCKS_AGREE_MS`] are left alone, because `theirs` also took a while to arrive.
    #[must_use]
    pub const fn by_our_clock(self, theirs: Self, now: Self) -> Self {
        let ahead = theirs.millis_since(now);
        if ahead.unsigned_abs() <= CLOCKS_AGREE_MS { self } else { self.plus_millis(-ahead) }
    }

    /// RFC 3339 in UTC with milliseconds, for example `2026-11-22T14:02:03.018Z`.
    pub fn rfc3339(self) -> String {
        let (date, ms) = (self.date_time(), self.0.rem_euclid(1000));
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{ms:03}Z",
            date.year(),
            u8::from(date.month()),
            date.day(),
            date.hour(),
            date.minute(),
            date.second()
        )
    }

    /// Reads RFC 3339 with any offset; `None` when it is not a time.
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// The calendar form in UTC. Times outside the years 0 to 9999 are clamped to the epoch.
    pub fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// .NET ticks (100 ns since 0001-01-01 UTC), the unit of `createdOnTicks` (wire protocol, section 2.4).
    pub const fn dotnet_ticks(self) -> i64 {
        621_355_968_000_000_000 + self.0 * 10_000
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_keeps_milliseconds_both_ways() {
        let at = Timestamp::from_millis(1_795_356_123_018);
        assert_eq!(Timestamp::parse(&at.rfc3339()), Some(at));
        assert_eq!(Timestamp::parse("2026-11-22T15:02:03.018+01:00"), Timestamp::parse("2026-11-22T14:02:03.018Z"));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn times_of_a_wrong_clock_are_put_right() {
        let at = Timestamp::from_millis;
        let (now, two_hours) = (at(10_000_000), 7_200_000);
        for wrong in [two_hours, -two_hours] {
            let shown = at(now.millis() + wrong - 300);
            assert_eq!(shown.by_our_clock(at(now.millis() + wrong), now), at(now.millis() - 300));
        }
        assert_eq!(at(9_999_000).by_our_clock(at(9_998_500), now), at(9_999_000), "a slow network is no wrong clock");
    }

    #[test]
    fn ticks_match_dotnet() {
        assert_eq!(Timestamp::from_millis(0).dotnet_ticks(), 621_355_968_000_000_000);
    }
}
