//! Taking secrets out of everything a handler writes.
//!
//! Two rules: the values of protected settings are replaced wherever they occur, and the query of a web address is
//! always replaced, since access tokens travel there. What a user's script prints on its own is the user's business
//! and is only cleaned of the settings' values.

use std::borrow::Cow;

/// What stands in a text where a secret was.
pub const MASK: &str = "[redacted]";
/// Shorter values are left alone: masking them would tear ordinary words apart and hide nothing.
const SHORTEST: usize = 6;
/// A line of a longer secret is masked on its own from this length on.
const SHORTEST_LINE: usize = 12;

/// Replaces known secrets and the queries of web addresses.
#[derive(Clone, Default)]
pub struct Redactor {
    // longest first, so that a secret that contains another is replaced whole
    secrets: Vec<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Redactor({} values)", self.secrets.len())
    }
}

impl Redactor {
    /// Knows `secrets`, and each longer line of those that have several.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut known = Self::default();
        secrets.into_iter().for_each(|secret| known.add(&secret));
        known
    }

    /// Learns one more secret.
    pub fn add(&mut self, secret: &str) {
        let whole = secret.trim();
        let lines = whole.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
        let parts = std::iter::once(whole).filter(|text| text.len() >= SHORTEST).chain(lines);
        for part in parts {
            if !self.secrets.iter().any(|known| known == part) {
                self.secrets.push(part.to_owned());
            }
        }
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// The length of the longest secret in bytes; a cut text needs that much more before the cut.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.secrets.first().map_or(0, String::len)
    }

    /// `text` without any known secret and without queries of web addresses.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let known = self.secrets(text);
        mask_queries(&known)
    }

    /// `text` without any known secret; addresses are left as they are.
    #[must_use]
    pub fn secrets<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut cleaned = Cow::Borrowed(text);
        for secret in &self.secrets {
            if cleaned.contains(secret.as_str()) {
                cleaned = Cow::Owned(cleaned.replace(secret.as_str(), MASK));
            }
        }
        cleaned
    }
}

/// Replaces `?...` after `http://` or `https://` up to the next blank, quote or bracket, and `user:password@`.
fn mask_queries(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("http://").into_iter().chain(rest.find("https://")).min() {
        let after_scheme = start + rest[start..].find("//").map_or(0, |slashes| slashes + 2);
        let end = rest[after_scheme..]
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`'))
            .map_or(rest.len(), |length| after_scheme + length);
        cleaned.push_str(&rest[..after_scheme]);
        cleaned.push_str(&mask_address(&rest[after_scheme..end]));
        rest = &rest[end..];
    }
    cleaned.push_str(rest);
    cleaned
}

/// Masks credentials and query of an address whose scheme has been taken off.
fn mask_address(address: &str) -> String {
    let (before_query, query) = address.split_once('?').map_or((address, None), |(path, query)| (path, Some(query)));
    let (authority, path) = before_query.find('/').map_or((before_query, ""), |at| before_query.split_at(at));
    let host =
        authority.rsplit_once('@').map_or(Cow::Borrowed(authority), |(_, host)| Cow::Owned(format!("{MASK}@{host}")));
    match query {
        Some(_) => format!("{host}{path}?{MASK}"),
        None => format!("{host}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_values_and_their_longer_lines() {
        let redactor =
            Redactor::new(["mysql -psecret123\necho done\n/usr/bin/curl -u me:pw x".to_owned(), "abc".into()]);
        let text = "+ mysql -psecret123\nabc\n/usr/bin/curl -u me:pw x failed";
        assert_eq!(redactor.clean(text), "+ [redacted]\nabc\n[redacted] failed");
    }

    #[test]
    fn masks_queries_and_credentials_of_addresses() {
        let redactor = Redactor::default();
        for (text, expected) in [
            ("GET https://a.b/c?sig=1&x=2 failed", "GET https://a.b/c?[redacted] failed"),
            ("\"http://u:p@h:1/p\"", "\"http://[redacted]@h:1/p\""),
            ("http://a/?x https://b/?y", "http://a/?[redacted] https://b/?[redacted]"),
            ("is this it? yes", "is this it? yes"),
            ("https://", "https://"),
        ] {
            assert_eq!(redactor.clean(text), expected);
        }
    }

    #[test]
    fn says_nothing_about_values_when_printed() {
        assert_eq!(format!("{:?}", Redactor::new(["top secret".to_owned()])), "Redactor(1 values)");
    }

    proptest! {
        #[test]
        fn no_secret_survives(secret in "[a-zA-Z0-9+/=]{8,40}", before in ".{0,60}", after in ".{0,60}") {
            let redactor = Redactor::new([secret.clone()]);
            let cleaned = redactor.clean(&format!("{before}{secret}{after}"));
            prop_assert!(!cleaned.contains(&secret) || before.contains(&secret) && !cleaned.contains(&secret));
        }
    }
}
