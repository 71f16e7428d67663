//! Bodies: bounded, then read, with the place named where they are wrong. What was sent is never repeated: it may be secret.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use domain::fault::{Fault, FaultKind};
use serde::de::DeserializeOwned;

use super::error::RestError;
use crate::state::AppState;

/// Most bytes of a body (ARM: 4 MB).
pub(super) const LARGEST: usize = 4 * 1024 * 1024;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequest<AppState> for Body<T> {
    type Rejection = RestError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, RestError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unread(rejection.status()))?;
        read(&bytes).map(Self)
    }
}

fn unread(status: StatusCode) -> RestError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let message = "The request is larger than 4 MB. Put large scripts where the machine can fetch them, and send their address.";
        return RestError::with_status(Fault::new(FaultKind::Invalid, "RequestContentTooLarge", message), status);
    }
    Fault::new(FaultKind::Invalid, "InvalidRequestContent", "The request's body could not be read.").into()
}

/// Reads a body; no body is an empty object.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RestError> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { bytes };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| wrong(&error))?;
    reader.end().map_err(|error| syntax(&error))?;
    Ok(value)
}

fn wrong(error: &serde_path_to_error::Error<serde_json::Error>) -> RestError {
    let inner = error.inner();
    if !inner.is_data() {
        return syntax(inner);
    }
    let path = error.path().to_string();
    let text = inner.to_string();
    // "invalid type: string \"…\", expected a map at line 1 column 2": what was sent stays out of it
    let expected = text.split_once("expected ").map_or("another type", |(_, rest)| rest);
    let expected = expected.split(" at line ").next().unwrap_or(expected);
    let what = if path == "." { "The request's body".to_owned() } else { format!("The value of '{path}'") };
    let message = match text.starts_with("missing field") {
        true => format!("The request content was invalid: {}.", text.split(" at line ").next().unwrap_or(&text)),
        false => format!("The request content was invalid: {what} has the wrong type. Expected: {expected}."),
    };
    let fault = Fault::new(FaultKind::Invalid, "InvalidRequestContent", message);
    if path == "." { fault.into() } else { fault.at(path).into() }
}

fn syntax(error: &serde_json::Error) -> RestError {
    let message =
        format!("The request content is no valid JSON: look at line {}, column {}.", error.line(), error.column());
    Fault::new(FaultKind::Invalid, "InvalidRequestContent", message).into()
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde::Deserialize;

    use super::read;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Sent {
        properties: Properties,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Properties {
        flag: bool,
    }

    #[tokio::test]
    async fn what_is_wrong_is_named_and_what_was_sent_is_not_repeated() {
        for (body, place) in [
            (r#"{"properties":{"flag":"hunter2"}}"#, "properties.flag"),
            (r#"{"properties":{"flag":true}"#, "line 1"),
            (r#"{"properties":{"flag":true}} hunter2"#, "line 1"),
            (r#""hunter2""#, "body"),
        ] {
            let error = read::<Sent>(body.as_bytes()).expect_err(body).into_response();
            assert_eq!(error.status(), 400);
            let text = axum::body::to_bytes(error.into_body(), 10_000).await.expect("a body");
            let text = String::from_utf8_lossy(&text).into_owned();
            assert!(text.contains(place) && !text.contains("hunter2"), "{text}");
        }
        assert!(read::<Sent>(b" ").is_ok_and(|sent| !sent.properties.flag));
    }
}
