//! Versions of published packages: one to four numbers.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// `major.minor[.build[.revision]]` (extension model, section 3.3). Compared number by number; the text is kept as published.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExtensionVersion {
    text: String,
    parts: [u32; 4],
}

impl ExtensionVersion {
    /// The version as it was published.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The four numbers; missing ones are 0.
    pub const fn parts(&self) -> [u32; 4] {
        self.parts
    }

    /// `major.minor`, the line that ARM's `typeHandlerVersion` names.
    pub fn line(&self) -> String {
        format!("{}.{}", self.parts[0], self.parts[1])
    }
}

impl FromStr for ExtensionVersion {
    type Err = Fault;

    /// Error: `InvalidParameter` with target `version`.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let bad = || {
            Fault::invalid(
                "version",
                format!("{text:?} is not a version: write two to four numbers, for example 1.4 or 1.4.0.2."),
            )
        };
        let text = text.trim();
        let mut parts = [0; 4];
        let mut count = 0;
        for (slot, piece) in text.split('.').enumerate() {
            if slot >= 4 || piece.is_empty() || piece.len() > 9 || !piece.bytes().all(|b| b.is_ascii_digit()) {
                return Err(bad());
            }
            parts[slot] = piece.parse().map_err(|_| bad())?;
            count += 1;
        }
        if count < 2 {
            return Err(bad());
        }
        Ok(Self { text: text.to_owned(), parts })
    }
}

impl TryFrom<String> for ExtensionVersion {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<ExtensionVersion> for String {
    fn from(version: ExtensionVersion) -> String {
        version.text
    }
}

impl fmt::Display for ExtensionVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for ExtensionVersion {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}
impl Eq for ExtensionVersion {}
impl PartialOrd for ExtensionVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for ExtensionVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_numbers() {
        let v = |t: &str| t.parse::<ExtensionVersion>().expect(t);
        assert!(v("1.10") > v("1.9.9.9"));
        assert_eq!(v("1.0"), v("1.0.0.0"));
        assert_eq!(v("2.1.19").line(), "2.1");
        for bad in ["", "1", "1.", "a.b", "1.2.3.4.5", "1.-2", "1.9999999999"] {
            assert!(bad.parse::<ExtensionVersion>().is_err(), "{bad}");
        }
    }
}
