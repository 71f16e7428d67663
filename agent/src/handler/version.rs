//! Versions of handlers: one to four numbers, compared number by number, printed as they came.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A handler version such as `1.0.0` or `2.1.19.0`. The text is kept because directories are named by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(String);

impl Default for Version {
    fn default() -> Self {
        Self("0".to_owned())
    }
}

/// The text is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version: one to four numbers joined by dots are wanted, such as 1.0.0")]
pub struct BadVersion(String);

impl Version {
    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `self` is the start of `other`, number by number: `1.0` selects `1.0.0` but not `1.01`.
    #[must_use]
    pub fn selects(&self, other: &Self) -> bool {
        let mut theirs = other.numbers();
        self.numbers().all(|ours| theirs.next() == Some(ours))
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        // Parsed once already, so every part is a number; a part can not fail here.
        self.0.split('.').map(|part| part.parse().unwrap_or(0))
    }
}

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let part_ok = |part: &str| !part.is_empty() && part.len() <= 18 && part.bytes().all(|b| b.is_ascii_digit());
        let parts = text.split('.').count();
        if (1..=4).contains(&parts) && text.split('.').all(part_ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadVersion(text.chars().take(64).collect()))
        }
    }
}

impl TryFrom<String> for Version {
    type Error = BadVersion;

    fn try_from(text: String) -> Result<Self, BadVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut ours, mut theirs) = (self.numbers(), other.numbers());
        for _ in 0..4 {
            let by_number = ours.next().unwrap_or(0).cmp(&theirs.next().unwrap_or(0));
            if by_number.is_ne() {
                return by_number;
            }
        }
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    fn v(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn order_is_by_number_not_by_text() {
        assert!(v("1.10.0") > v("1.9.9"));
        assert!(v("2") > v("1.99.99.99"));
        assert!(v("1.0.0.1") > v("1.0.0"));
    }

    #[test]
    fn a_prefix_selects_longer_versions() {
        assert!(v("1.0").selects(&v("1.0.0")));
        assert!(v("1.0.0").selects(&v("1.0.0")));
        assert!(!v("1.0").selects(&v("1.1.0")));
        assert!(!v("1.0.0").selects(&v("1.0")));
    }

    #[test]
    fn only_numbers_are_versions() {
        for bad in ["", "1.", "1..2", "1.0.0.0.0", "1.0-beta", "../1", "１.0", "1.9999999999999999999"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }
}
