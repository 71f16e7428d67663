//! Moments on the wire: RFC 3339, UTC, milliseconds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// A moment as the wire carries it, kept as milliseconds since 1970-01-01T00:00:00Z.
///
/// Written as `2026-11-22T00:52:32.123Z`; read from any RFC 3339 text with any offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is no RFC 3339 moment between the years 0000 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a moment in RFC 3339 form, such as 2026-11-22T00:52:32.123Z")]
pub struct BadTimestamp;

const EARLIEST: i64 = -62_167_219_200_000; // 0000-01-01T00:00:00Z
const LATEST: i64 = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

impl Timestamp {
    /// The moment `ms` milliseconds after 1970-01-01T00:00:00Z, clamped to the years 0000 to 9999.
    #[must_use]
    pub fn from_unix_ms(ms: i64) -> Self {
        Self(ms.clamp(EARLIEST, LATEST))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_ms(self) -> i64 {
        self.0
    }

    /// The same moment in .NET ticks (100 ns since 0001-01-01), the unit of `createdOnTicks`.
    #[must_use]
    pub fn ticks(self) -> i64 {
        621_355_968_000_000_000 + self.0 * 10_000
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        Self::from_unix_ms(i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(LATEST))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).map_err(|_| fmt::Error)?;
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        f.write_str(&at.format(form).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    fn from_str(text: &str) -> Result<Self, BadTimestamp> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| BadTimestamp)?;
        Ok(at.checked_to_offset(UtcOffset::UTC).ok_or(BadTimestamp)?.into())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn text_has_three_decimals() {
        assert_eq!(Timestamp::from_unix_ms(1_795_308_752_007).to_string(), "2026-11-22T00:52:32.007Z");
        assert_eq!("2026-11-22T01:52:32.0079+01:00".parse(), Ok(Timestamp::from_unix_ms(1_795_308_752_007)));
        assert!("2026-11-22".parse::<Timestamp>().is_err());
    }

    #[test]
    fn ticks_match_dotnet() {
        assert_eq!(Timestamp::from_unix_ms(0).ticks(), 621_355_968_000_000_000);
    }

    #[test]
    fn extremes_still_print() {
        assert_eq!(Timestamp::from_unix_ms(i64::MIN).to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_unix_ms(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }
}
