//! Port 80 of 169.254.169.254: instance metadata, for waagent and for everybody else on the machine.
//!
//! The document comes from the server when something about the machine changes, and is kept. Parts of it are asked for by
//! path, as in Azure: `/metadata/instance/compute`, `/metadata/instance/compute/name?format=text`.

use hyper::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;

use super::Relay;
use super::answer::{self, Answer};

const KEPT: &str = "instance.json";
const PATH: &str = "/metadata/instance";

impl Relay {
    /// Answers one request.
    pub(super) fn instance(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Answer {
        if method != Method::GET {
            return answer::status(StatusCode::METHOD_NOT_ALLOWED);
        }
        let Some(part) = uri.path().strip_prefix(PATH) else { return answer::not_found() };
        let query = uri.query().unwrap_or_default();
        // what a page in a browser cannot send: without it the machine's facts would be a click away
        if !headers.get("metadata").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
            || headers.contains_key("x-forwarded-for")
        {
            return refused("Bad request. Required metadata header not specified");
        }
        if !query.split('&').any(|pair| pair.starts_with("api-version=")) {
            return refused("Bad request. api-version was not specified in the request");
        }
        let document = self.store.read(KEPT).and_then(|kept| serde_json::from_slice::<Value>(&kept).ok());
        let Some(document) = document else { return answer::not_found() };
        let found = part.split('/').filter(|name| !name.is_empty()).try_fold(&document, |value, name| match value {
            Value::Array(list) => list.get(name.parse::<usize>().ok()?),
            other => other.get(name),
        });
        match found {
            Some(Value::String(text)) if query.contains("format=text") => answer::text(text.clone()),
            Some(value) => answer::json(value.to_string()),
            None => answer::not_found(),
        }
    }

    /// Fetches the document whenever the goal state changes, until the future is dropped.
    pub(super) async fn follow_instance(&self) {
        let mut known = self.upstream.known();
        known.mark_changed();
        while known.changed().await.is_ok() {
            if known.borrow_and_update().is_none() {
                continue;
            }
            match self.upstream.get(PATH).await {
                Ok(document) if self.store.read(KEPT).as_ref() != Some(&document) => self.store.keep(KEPT, &document),
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "instance metadata stays as it was"),
            }
        }
    }
}

fn refused(message: &str) -> Answer {
    let mut answer = answer::json(serde_json::json!({ "error": message }).to_string());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}
