//! Port 32526 of 168.63.129.16: the HostGAPlugin (wire protocol, section 6). A closed port here is fatal to waagent; a 404
//! is not.

use std::sync::Arc;

use agent_protocol::host_plugin::HOST_PLUGIN_VERSION;
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, StatusCode, Uri};

use super::Relay;
use super::answer::{self, Answer};

/// The address that is to be fetched for waagent.
const ARTIFACT_HEADER: &str = "x-ms-artifact-location";
/// Collected logs take as long as they take; waagent waits 30 s.
const LOG_PATH: &str = "/hostgaplugin/vmAgentLog";

impl Relay {
    /// Answers one request.
    pub(super) async fn host_plugin(
        self: &Arc<Self>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Answer {
        match (method.as_str(), uri.path()) {
            ("GET", "/versions") => answer::json(format!("[\"{HOST_PLUGIN_VERSION}\"]")),
            // once a minute, also while a handler runs
            ("GET", "/health") => answer::status(StatusCode::OK),
            ("PUT", "/status") => self.status_wrapped(&body),
            ("GET", "/extensionArtifact") => self.artifact(headers).await,
            ("PUT", "/vmAgentLog") => self.agent_log(body).await,
            // `/vmSettings` among them: not offered, the extensions configuration is the one source
            _ => answer::not_found(),
        }
    }

    /// The same documents as on port 80, for an agent that prefers this way.
    async fn artifact(self: &Arc<Self>, headers: &HeaderMap) -> Answer {
        let location = headers.get(ARTIFACT_HEADER).and_then(|value| value.to_str().ok());
        let uri = location.and_then(|text| text.parse::<Uri>().ok());
        let own = uri.filter(|uri| uri.host() == Some(super::network::WIRE_SERVER.to_string().as_str()));
        match own {
            Some(uri) if uri.path().starts_with("/annex/packages/") => {
                self.wire_server(&Method::GET, &uri, &HeaderMap::new(), Bytes::new()).await
            }
            _ => answer::not_found(),
        }
    }

    /// Logs that waagent collected, for the portal to offer.
    async fn agent_log(&self, body: Bytes) -> Answer {
        match self.upstream.pass_large(Method::PUT, LOG_PATH, body, "application/zip").await {
            Ok(()) => answer::status(StatusCode::OK),
            Err(error) => {
                tracing::warn!(%error, "collected logs are not passed on");
                if error.is_transient() { answer::try_again() } else { answer::status(StatusCode::BAD_REQUEST) }
            }
        }
    }
}
