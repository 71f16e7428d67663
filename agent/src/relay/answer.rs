//! Answers to waagent.

use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};

/// An answer, whole.
pub type Answer = hyper::Response<Full<Bytes>>;

/// Only a status.
#[must_use]
pub fn status(status: StatusCode) -> Answer {
    let mut answer = Answer::new(Full::default());
    *answer.status_mut() = status;
    answer
}

/// 404: final for waagent, and never harmful.
#[must_use]
pub fn not_found() -> Answer {
    status(StatusCode::NOT_FOUND)
}

/// 503: waagent tries again, 25 times a second apart.
#[must_use]
pub fn try_again() -> Answer {
    status(StatusCode::SERVICE_UNAVAILABLE)
}

/// A document of the wire protocol.
#[must_use]
pub fn xml(text: impl Into<Bytes>) -> Answer {
    with_type("text/xml; charset=utf-8", text)
}

/// JSON.
#[must_use]
pub fn json(text: impl Into<Bytes>) -> Answer {
    with_type("application/json; charset=utf-8", text)
}

/// Plain text.
#[must_use]
pub fn text(text: impl Into<Bytes>) -> Answer {
    with_type("text/plain; charset=utf-8", text)
}

/// A package.
#[must_use]
pub fn bytes(bytes: impl Into<Bytes>) -> Answer {
    with_type("application/octet-stream", bytes)
}

fn with_type(kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Answer::new(Full::new(body.into()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
