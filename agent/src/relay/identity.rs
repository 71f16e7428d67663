//! `/metadata/identity/oauth2/token` of 169.254.169.254: a token with which a program on this machine calls the server's
//! API as the machine itself.
//!
//! ```text
//!  asked ─┬─ kept, fresh for 5 min more ─► the same document
//!         └─ else ─► the server, with the machine's credential ─► kept for its resource
//! ```
//! As in Azure, every program on the machine may ask: what the machine may do, all of them may do.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use hyper::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Relay;
use super::answer::{self, Answer};
use crate::transport::TransportError;

/// Where it is asked for, here and at the server.
pub(super) const PATH: &str = "/metadata/identity/oauth2/token";
/// A token that expires sooner is not handed out again.
const MARGIN: Duration = Duration::from_secs(300);
/// Most resources that tokens are kept for.
const MOST: usize = 16;

/// Tokens that are still good, by resource.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    document: Vec<u8>,
    fresh_until: Instant,
}

impl Tokens {
    /// The document for `resource`: the kept one, or what `ask` brings. Whoever asks meanwhile waits and gets the same.
    async fn get<F>(&self, resource: &str, ask: impl FnOnce() -> F) -> Result<Vec<u8>, TransportError>
    where
        F: Future<Output = Result<Vec<u8>, TransportError>>,
    {
        let mut kept = self.0.lock().await;
        let now = Instant::now();
        kept.retain(|_, token| token.fresh_until > now);
        if let Some(token) = kept.get(resource) {
            return Ok(token.document.clone());
        }
        let document = ask().await?;
        if let Some(life) = life(&document).and_then(|life| life.checked_sub(MARGIN)) {
            if kept.len() >= MOST {
                kept.clear();
            }
            kept.insert(resource.to_owned(), Kept { document: document.clone(), fresh_until: now + life });
        }
        Ok(document)
    }
}

/// How long the token lives from now on. Not its moment of expiry: this machine's clock may be wrong.
fn life(document: &[u8]) -> Option<Duration> {
    let document: Value = serde_json::from_slice(document).ok()?;
    document["expires_in"].as_str()?.parse().ok().map(Duration::from_secs)
}

impl Relay {
    /// Answers one request.
    pub(super) async fn identity(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Answer {
        let resource = match asked(method, uri, headers) {
            Ok(resource) => resource,
            Err(answer) => return *answer,
        };
        let path = format!("{PATH}?api-version=2018-02-01&resource={resource}");
        match self.tokens.get(resource, || self.upstream.get(&path)).await {
            Ok(document) => answer::json(document),
            Err(error) => {
                tracing::warn!(%error, "no token for this machine");
                // a 4xx is the server's word about the resource; anything else may pass
                match error.status() {
                    Some(400) => refused(StatusCode::BAD_REQUEST, "invalid_resource", &error.to_string()),
                    _ => refused(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "temporarily_unavailable",
                        "The server does not answer now.",
                    ),
                }
            }
        }
    }
}

/// The resource as it stands in the query, escapes included.
fn asked<'a>(method: &Method, uri: &'a Uri, headers: &HeaderMap) -> Result<&'a str, Box<Answer>> {
    let bad = |message: &str| Box::new(refused(StatusCode::BAD_REQUEST, "invalid_request", message));
    if method != Method::GET {
        return Err(Box::new(answer::status(StatusCode::METHOD_NOT_ALLOWED)));
    }
    // what a page in a browser, or a proxy that somebody talks through, cannot send
    if !headers.get("metadata").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
        || headers.contains_key("x-forwarded-for")
    {
        return Err(bad("Required metadata header not specified"));
    }
    let query = uri.query().unwrap_or_default();
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).find(|value| !value.is_empty())
    };
    if value("api-version").is_none() {
        return Err(bad("api-version was not specified in the request"));
    }
    value("resource").ok_or_else(|| bad("resource was not specified in the request"))
}

fn refused(status: StatusCode, word: &str, message: &str) -> Answer {
    let mut answer = answer::json(json!({ "error": word, "error_description": message }).to_string());
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn document(seconds: u64) -> Vec<u8> {
        json!({ "access_token": "t", "expires_in": seconds.to_string() }).to_string().into_bytes()
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_kept_for_its_resource_while_it_is_fresh() {
        let tokens = Tokens::default();
        let asked = Cell::new(0);
        let get = async |resource: &str, seconds: u64| {
            let ask = || async {
                asked.set(asked.get() + 1);
                Ok(document(seconds))
            };
            tokens.get(resource, ask).await.expect("a token")
        };
        assert_eq!(get("a", 3600).await, document(3600));
        get("a", 3600).await;
        assert_eq!(asked.get(), 1, "the kept one");
        get("b", 3600).await;
        assert_eq!(asked.get(), 2, "another resource has a token of its own");
        tokio::time::advance(Duration::from_secs(3299)).await;
        get("a", 3600).await;
        assert_eq!(asked.get(), 2);
        tokio::time::advance(Duration::from_secs(2)).await;
        get("a", 3600).await;
        assert_eq!(asked.get(), 3, "five minutes before it expires");
        get("short", 200).await;
        get("short", 200).await;
        assert_eq!(asked.get(), 5, "one that expires at once is not kept");
    }

    #[tokio::test]
    async fn a_refusal_is_not_kept() {
        let tokens = Tokens::default();
        let refused = || async { Err(TransportError::Timeout { address: "server".into(), seconds: 8 }) };
        tokens.get("a", refused).await.expect_err("the server is away");
        assert_eq!(tokens.get("a", || async { Ok(document(3600)) }).await.expect("back"), document(3600));
    }

    #[test]
    fn what_must_be_said_is_asked_for() {
        let with = |uri: &str, metadata: bool, forwarded: bool| {
            let mut headers = HeaderMap::new();
            if metadata {
                headers.insert("metadata", "True".parse().expect("a value"));
            }
            if forwarded {
                headers.insert("x-forwarded-for", "10.0.0.1".parse().expect("a value"));
            }
            let uri: Uri = uri.parse().expect("an address");
            asked(&Method::GET, &uri, &headers).map(str::to_owned).map_err(|answer| answer.status().as_u16())
        };
        let good = format!("{PATH}?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F");
        assert_eq!(with(&good, true, false), Ok("https%3A%2F%2Fmanagement.azure.com%2F".to_owned()));
        assert_eq!(with(&good, false, false), Err(400));
        assert_eq!(with(&good, true, true), Err(400));
        assert_eq!(with(&format!("{PATH}?resource=x"), true, false), Err(400));
        assert_eq!(with(&format!("{PATH}?api-version=2018-02-01&resource="), true, false), Err(400));
    }
}
