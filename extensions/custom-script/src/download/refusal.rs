//! Why one attempt at a download failed, and what that means for the run.

use std::fmt;
use std::io;

use ureq::http::Uri;

use crate::codes;
use crate::failure::Failure;

/// See the module.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The server answered with another status than 200.
    Status {
        /// That status.
        code: u16,
    },
    /// No answer, or one that broke off: the way to the server is disturbed.
    Network(String),
    /// The server was too slow.
    TimedOut(String),
    /// Nothing that passes by waiting: a certificate, a redirection, an address.
    Lasting(String),
    /// The file cannot be written here.
    Disk(io::Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code } => write!(formatter, "the server answered with status {code}"),
            Self::Network(words) | Self::Lasting(words) => formatter.write_str(words),
            Self::TimedOut(words) => write!(formatter, "no answer in time ({words})"),
            Self::Disk(error) => write!(formatter, "the file cannot be written: {error}"),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl Refusal {
    /// Whether another attempt may succeed. Of the answers, six do; a missing answer does.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Status { code } => matches!(code, 408 | 429 | 500 | 502 | 503 | 504),
            Self::Network(_) | Self::TimedOut(_) => true,
            Self::Lasting(_) | Self::Disk(_) => false,
        }
    }

    /// Whether the server knows the asker too little. Stores hide what is not public behind 404 and 409 as well.
    pub(super) fn is_refused_access(&self) -> bool {
        matches!(self, Self::Status { code: 401 | 403 | 404 | 409 })
    }

    /// What a person is told about the file at `address`.
    pub(super) fn into_failure(self, address: &str) -> Failure {
        let place = place(address);
        let expired = signature_is_expired(address, time::OffsetDateTime::now_utc());
        let (code, advice) = match &self {
            Self::Status { code: 401 | 403 } if expired => {
                (codes::SIGNATURE_EXPIRED, "the access signature in the address has expired; make a new one")
            }
            Self::Status { code: 401 | 403 } => (codes::ACCESS_DENIED, "check who may read the file"),
            Self::Status { code: 404 | 410 } => (codes::NOT_FOUND, "check the address"),
            Self::Status { code: 400 } => (codes::BAD_REQUEST, "check the address"),
            Self::Status { code: 500 } => (codes::STORAGE, "try again when the server has recovered"),
            Self::Status { code: 300..=399 } => (codes::DOWNLOAD, "give the address that it redirects to"),
            Self::Status { code: 408 | 504 } | Self::TimedOut(_) => {
                (codes::TIMED_OUT, "check that the machine reaches the server")
            }
            Self::Status { .. } | Self::Network(_) => (codes::NETWORK, "check that the machine reaches the server"),
            Self::Lasting(_) => (codes::DOWNLOAD, "check the address and the server's certificate"),
            Self::Disk(_) => (codes::SYSTEM, "check free space and mount options"),
        };
        Failure::new(code, format!("cannot download {place}: {self}; {advice}"))
    }

    /// What a person is told when the attempt bore a token of the machine's identity.
    pub(super) fn into_identity_failure(self, address: &str) -> Failure {
        let place = place(address);
        match self {
            Self::Status { code: 401 | 403 } => Failure::new(
                codes::IDENTITY_WITHOUT_RIGHTS,
                format!("the machine's identity has no right to read {place}; give it a reader's role there"),
            ),
            Self::Status { code: 404 } => Failure::new(
                codes::IDENTITY_NOT_FOUND,
                format!("{place} does not exist, or the machine's identity may not see it"),
            ),
            other => other.into_failure(address),
        }
    }
}

/// `host/path` of an address: enough to know it by, without what may be secret.
fn place(address: &str) -> String {
    address
        .parse::<Uri>()
        .ok()
        .and_then(|uri| Some(format!("{}{}", uri.authority()?.as_str().rsplit('@').next()?, uri.path())))
        .unwrap_or_else(|| "a file".to_owned())
}

/// Whether the address carries a shared access signature (`se=<time>`) that ended before `now`.
fn signature_is_expired(address: &str, now: time::OffsetDateTime) -> bool {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let ends = query.split('&').find_map(|pair| pair.strip_prefix("se=")).unwrap_or_default();
    let ends = percent_encoding::percent_decode_str(ends).decode_utf8_lossy().into_owned();
    // times without seconds or without a time of day are allowed as well
    let full = match ends.len() {
        10 => format!("{ends}T00:00:00Z"),
        17 => format!("{}:00Z", ends.trim_end_matches('Z')),
        _ => ends,
    };
    time::OffsetDateTime::parse(&full, &time::format_description::well_known::Rfc3339).is_ok_and(|ends| ends < now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn each_status_has_its_code() {
        for (status, code) in [
            (400, codes::BAD_REQUEST),
            (401, codes::ACCESS_DENIED),
            (403, codes::ACCESS_DENIED),
            (404, codes::NOT_FOUND),
            (302, codes::DOWNLOAD),
            (408, codes::TIMED_OUT),
            (429, codes::NETWORK),
            (500, codes::STORAGE),
            (503, codes::NETWORK),
            (504, codes::TIMED_OUT),
        ] {
            let failure = Refusal::Status { code: status }.into_failure("https://h/p/f?sig=secret");
            assert_eq!(failure.code, code, "{status}");
            assert!(failure.message.contains("h/p/f") && !failure.message.contains("secret"), "{failure}");
        }
        let failure = Refusal::Status { code: 403 }.into_failure("https://h/f?se=2020-01-01T00%3A00%3A00Z&sig=x");
        assert_eq!(failure.code, codes::SIGNATURE_EXPIRED);
    }

    #[test]
    fn signatures_end_when_they_say() {
        let now = datetime!(2026-11-22 03:00:00 UTC);
        for (query, expired) in [
            ("se=2026-11-22T02:59:59Z", true),
            ("a=1&se=2026-11-22T03%3A00%3A01Z", false),
            ("se=2026-11-21", true),
            ("se=2026-11-22T02:00Z", true),
            ("se=soon", false),
            ("", false),
        ] {
            assert_eq!(signature_is_expired(&format!("https://h/f?{query}"), now), expired, "{query}");
        }
    }

    #[test]
    fn credentials_in_an_address_are_not_repeated() {
        assert_eq!(place("https://user:pw@host:1/p?q"), "host:1/p");
        assert_eq!(place("::"), "a file");
    }
}
