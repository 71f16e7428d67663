//! Status documents: taken at once, passed on only when they say something new.
//!
//! ```text
//!  PUT (block, page by page, or wrapped) ──► whole document ──► same as before? ──yes──► nothing to do
//!                                                                 └─no─► newest ──► sending ──► confirmed
//!                                                                        ▲             └─ failed: pause, again
//!                                                                        └── always the newest, never an old one again
//! ```
//! That waagent reported, though nothing changed, is said with the next question for the goal state.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use agent_protocol::page_blob::{PageBlob, PageRange};
use agent_protocol::status::without_padding;
use agent_protocol::{JsonDocument, StatusDocument, StatusLevel, StatusUpload};
use hyper::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Relay;
use super::answer::{self, Answer};
use crate::transport::Backoff;

/// A document that the server has not confirmed survives a restart of the relay.
const KEPT: &str = "status.json";

/// The newest document, and what of it the server knows.
#[derive(Debug)]
pub(super) struct Reports {
    newest: watch::Sender<Option<Vec<u8>>>,
    pages: Mutex<Option<PageBlob>>,
}

impl Reports {
    /// Begins with the document that a former life did not get delivered.
    pub(super) fn new(unsent: Option<Vec<u8>>) -> Self {
        Self { newest: watch::Sender::new(unsent), pages: Mutex::default() }
    }
}

impl Relay {
    /// `PUT …/status`: as storage takes a blob. Answered with 201, which waagent insists on.
    pub(super) fn status_blob(&self, query: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        self.take_blob(query.contains("comp=page"), &header, Some(body), StatusCode::CREATED)
    }

    /// `PUT /status` of the host plugin: the same, wrapped. Answered with 200.
    pub(super) fn status_wrapped(&self, body: &[u8]) -> Answer {
        let upload = StatusUpload::parse(body).and_then(|upload| Ok((upload.body()?, upload)));
        let (content, upload) = match upload {
            Ok(read) => read,
            Err(error) => return refused(&error.to_string()),
        };
        if !upload.request_uri.contains(&format!("/machine/{}/status", self.credential.vm_id)) {
            return answer::not_found();
        }
        let header = |name: &str| upload.header(name);
        self.take_blob(upload.request_uri.contains("comp=page"), &header, content.as_deref(), StatusCode::OK)
    }

    fn take_blob<'a>(
        &self,
        page: bool,
        header: &dyn Fn(&str) -> Option<&'a str>,
        body: Option<&[u8]>,
        done: StatusCode,
    ) -> Answer {
        let mut pages = self.reports.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = if page {
            let range = header("x-ms-range").and_then(PageRange::parse);
            match (range, pages.as_mut()) {
                (Some(range), Some(blob)) => match blob.write(range, body.unwrap_or_default()) {
                    Ok(()) => blob.whole().map(<[u8]>::to_vec),
                    Err(error) => return refused(&error.to_string()),
                },
                _ => return refused("a page without a blob or without a range"),
            }
        } else if header("x-ms-blob-type").is_some_and(|kind| kind.eq_ignore_ascii_case("PageBlob")) {
            let length = header("x-ms-blob-content-length").and_then(|text| text.parse().ok());
            match length.map(PageBlob::new) {
                Some(Ok(blob)) => *pages = Some(blob),
                Some(Err(error)) => return refused(&error.to_string()),
                None => return refused("a page blob without its length"),
            }
            None
        } else {
            Some(body.unwrap_or_default().to_vec())
        };
        drop(pages);
        match whole.map(|document| self.take_status(&document)) {
            Some(Err(error)) => refused(&error.to_string()),
            _ => answer::status(done),
        }
    }

    /// A whole document.
    fn take_status(&self, document: &[u8]) -> Result<(), agent_protocol::ParseError> {
        let parsed = StatusDocument::parse_padded(document)?;
        self.guest.reported(at_work(&parsed));
        let trimmed = without_padding(document);
        self.reports.newest.send_if_modified(|newest| {
            if newest.as_deref().is_some_and(|before| same(before, trimmed)) {
                return false;
            }
            *newest = Some(trimmed.to_vec());
            true
        });
        Ok(())
    }

    /// Passes documents on until the future is dropped.
    pub(super) async fn pass_reports(&self) {
        let mut newest = self.reports.newest.subscribe();
        newest.mark_changed();
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        let path = format!("/machine/{}/status?type=status", self.credential.vm_id);
        loop {
            if newest.changed().await.is_err() {
                return;
            }
            let document = newest.borrow_and_update().clone();
            let Some(document) = document else { continue };
            // what the server has not heard must survive this process; what it has heard need not
            self.store.keep_unsynced(KEPT, &document);
            match self.upstream.pass(Method::PUT, &path, document, "application/json").await {
                Ok(()) => {
                    self.store.forget(KEPT);
                    backoff.reset();
                }
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "the status is not reported; trying again");
                    sleep(backoff.pause()).await;
                    newest.mark_changed();
                }
                Err(error) => {
                    tracing::error!(%error, "the server refuses the status; the next one is tried");
                    sleep(backoff.pause()).await;
                }
            }
        }
    }

    /// The server may have forgotten what it knew (it was restored, the machine enrolled again): say it once more.
    pub(super) fn report_again(&self) {
        self.reports.newest.send_modify(|_| {});
    }
}

/// The document that a former life of the relay did not get delivered.
pub(super) fn unsent(store: &super::store::RelayStore) -> Option<Vec<u8>> {
    store.read(KEPT)
}

fn refused(reason: &str) -> Answer {
    tracing::warn!(reason, "a status document is refused");
    answer::status(StatusCode::BAD_REQUEST)
}

/// Is anything not at its end? Then the next report is interesting, and soon.
fn at_work(document: &StatusDocument) -> bool {
    document.aggregate_status.handler_aggregate_status.iter().any(|handler| {
        let failed = handler.status.eq_ignore_ascii_case("NotReady") && handler.code != 0;
        let word = handler.runtime_settings_status.as_ref().and_then(|status| status.settings_status.as_ref());
        !failed && word.is_some_and(|status| status.status.status == StatusLevel::Transitioning)
    })
}

/// Do two documents say the same? The times at which they were written do not count.
fn same(before: &[u8], now: &[u8]) -> bool {
    fn without_times(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| key != "timestampUTC");
                map.values_mut().for_each(without_times);
            }
            Value::Array(list) => list.iter_mut().for_each(without_times),
            _ => {}
        }
    }
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    let (Some(mut before), Some(mut now)) = (read(before), read(now)) else { return false };
    without_times(&mut before);
    without_times(&mut now);
    before == now
}

#[cfg(test)]
mod tests {
    use agent_protocol::status::without_padding;

    use super::same;

    #[test]
    fn times_alone_are_no_news() {
        let document = |time: &str, code: u8| {
            format!(r#"{{"timestampUTC":"{time}","a":[{{"timestampUTC":"{time}","code":{code}}}]}}"#).into_bytes()
        };
        assert!(same(&document("1", 0), &document("2", 0)));
        assert!(!same(&document("1", 0), &document("1", 1)));
        assert!(!same(b"no json", b"no json"), "what cannot be compared is passed on");
    }

    #[test]
    fn padding_goes() {
        assert_eq!(without_padding(b"{} \0\0"), b"{}");
        assert_eq!(without_padding(b"\0"), b"");
    }
}
