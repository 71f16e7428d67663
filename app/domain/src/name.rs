//! Names that people choose. Parsing is the only way to get one, so a name that exists is a good one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// What went wrong with a name, worded for the field it was typed into.
fn check(what: &str, text: &str, longest: usize, allowed: fn(char) -> bool, words: &str) -> Result<(), Fault> {
    let target = "name";
    if text.is_empty() {
        return Err(Fault::invalid(target, format!("Give the {what} a name.")));
    }
    if text.chars().count() > longest {
        return Err(Fault::invalid(target, format!("A {what} name has at most {longest} characters.")));
    }
    if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
        return Err(Fault::invalid(target, format!("A {what} name is made of {words}; {bad:?} is not allowed.")));
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !edge(text.chars().next()) || !edge(text.chars().last()) {
        return Err(Fault::invalid(target, format!("A {what} name starts and ends with a letter or a digit.")));
    }
    Ok(())
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident { what: $what:literal, longest: $longest:literal, allowed: $allowed:expr, words: $words:literal })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Is it the same name? Names compare without case.
            pub fn is(&self, other: &Self) -> bool {
                self.0.eq_ignore_ascii_case(&other.0)
            }
        }

        impl FromStr for $name {
            type Err = Fault;

            /// Error: `InvalidParameter` with target `name`, saying which rule was broken.
            fn from_str(text: &str) -> Result<Self, Fault> {
                let text = text.trim();
                check($what, text, $longest, $allowed, $words)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Fault;
            fn try_from(text: String) -> Result<Self, Fault> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// The name of a machine, unique in its resource group without regard to case (ARM limit: 64 characters on Linux).
    VmName {
        what: "machine", longest: 64,
        allowed: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
        words: "letters, digits, hyphens, underscores and dots"
    }
    /// The name of a resource group (ARM limit: 90 characters).
    ResourceGroupName {
        what: "resource group", longest: 90,
        allowed: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '(' | ')'),
        words: "letters, digits, hyphens, underscores, dots and parentheses"
    }
    /// The name of an extension on a machine (ARM limit: 80 characters).
    ExtensionName {
        what: "extension", longest: 80,
        allowed: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
        words: "letters, digits, hyphens, underscores and dots"
    }
    /// A publisher, for example `Annex.Extensions` (extension model, section 7: no underscore; the wire forbids a hyphen).
    Publisher {
        what: "publisher", longest: 127,
        allowed: |c| c.is_ascii_alphanumeric() || c == '.',
        words: "letters, digits and dots"
    }
    /// An extension type, for example `CustomScript`. May contain dots: never split a joined name.
    ExtensionType {
        what: "type", longest: 127,
        allowed: |c| c.is_ascii_alphanumeric() || c == '.',
        words: "letters, digits and dots"
    }
}

/// Where something is, as a label (ARM's `location`): lower case without spaces, so `West US` is `westus`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Location(String);

impl Location {
    /// The label of everything for which nobody chose one.
    pub fn usual() -> Self {
        Self("annex".to_owned())
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Location {
    type Err = Fault;

    /// Error: `InvalidParameter` with target `location`.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let label: String = text.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_lowercase()).collect();
        if label.is_empty() || label.len() > 64 || !label.chars().all(|c| c.is_ascii_alphanumeric()) {
            let message =
                format!("{text:?} is not a location: a label of 1 to 64 letters and digits, for example annex.");
            return Err(Fault::invalid("location", message));
        }
        Ok(Self(label))
    }
}

impl TryFrom<String> for Location {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<Location> for String {
    fn from(location: Location) -> String {
        location.0
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Resource group of machines for which nobody chose one.
pub const DEFAULT_GROUP: &str = "default";

impl ResourceGroupName {
    /// [`DEFAULT_GROUP`].
    pub fn usual() -> Self {
        Self(DEFAULT_GROUP.to_owned())
    }

    /// The group of the lab's machines.
    pub fn lab() -> Self {
        Self("lab".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_names_say_which_rule_they_break() {
        for (text, word) in
            [("", "Give"), ("-a", "starts"), ("a b", "not allowed"), ("ü", "not allowed"), ("<b>", "not allowed")]
        {
            let fault = VmName::from_str(text).expect_err(text);
            assert!(fault.message.contains(word), "{text}: {}", fault.message);
        }
        assert!(VmName::from_str(&"a".repeat(65)).is_err());
        assert_eq!(VmName::from_str(" web-01 ").map(String::from).as_deref(), Ok("web-01"));
        assert!(Publisher::from_str("Has-Hyphen").is_err());
    }
}
