//! An event stream as a page reads it.

use std::time::Duration;

use axum::http::Response;
use domain::live::LiveEvent;
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// Reads events of one stream.
pub struct Events {
    response: Response<Incoming>,
    text: String,
}

impl Events {
    pub fn new(response: Response<Incoming>) -> Self {
        assert_eq!(response.status(), 200);
        Self { response, text: String::new() }
    }

    /// The next event with its id; `None` when the stream ended.
    pub async fn next(&mut self) -> Option<(LiveEvent, Option<String>)> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_owned());
                if let Some(data) = field("data:") {
                    return Some((serde_json::from_str(&data).unwrap(), field("id:")));
                }
            }
            let frame = tokio::time::timeout(Duration::from_secs(20), self.response.body_mut().frame()).await;
            let data = frame.expect("something within 20 s")?.ok()?.into_data().ok()?;
            self.text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
}
