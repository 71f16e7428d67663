//! Port 80 of 168.63.129.16: the WireServer.
//!
//! | request | answered |
//! | --- | --- |
//! | `GET /?comp=versions` | here |
//! | `GET /machine/?comp=goalstate` | here, held; see `goal` |
//! | `GET /machine/{vm}/hosting-environment`, `shared-config`, `certificates` | here |
//! | `GET /machine/{vm}/extensions-config` | by the server, kept |
//! | `GET /annex/packages/…` | by the server, kept and checked |
//! | `PUT /machine/{vm}/status` | here, passed on when it says something new |
//! | `POST /machine?comp=health`, `roleProperties`, `telemetrydata`, `POST /HealthService` | here at once, passed on |
//! | anything else | 404, which waagent takes as final |

use std::sync::Arc;

use agent_protocol::{TelemetryData, Versions};
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, StatusCode, Uri};

use super::Relay;
use super::answer::{self, Answer};
use super::telemetry::worth_telling;

impl Relay {
    /// Answers one request.
    pub(super) async fn wire_server(
        self: &Arc<Self>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Answer {
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        let both = uri.path_and_query().map_or(path, |both| both.as_str());
        let asks = |comp: &str| query.split('&').any(|pair| pair.eq_ignore_ascii_case(&format!("comp={comp}")));
        let own = path.strip_prefix("/machine/").and_then(|rest| rest.strip_prefix(self.credential.vm_id.as_str()));
        let package = path.strip_prefix("/annex/packages/").and_then(|rest| rest.split_once('/'));
        match (method.as_str(), path) {
            ("GET", "/") if asks("versions") => answer::xml(Versions::default().render()),
            ("GET", "/machine/" | "/machine") if asks("goalstate") => self.goal_state().await,
            ("POST", "/machine" | "/machine/") if asks("health") => {
                self.pass_on("/machine?comp=health", body, StatusCode::OK)
            }
            ("POST", "/machine" | "/machine/") if asks("roleProperties") => {
                self.pass_on("/machine?comp=roleProperties", body, StatusCode::ACCEPTED)
            }
            ("POST", "/machine" | "/machine/") if asks("telemetrydata") => self.telemetry(&body),
            ("POST", "/HealthService") => self.probes(body),
            ("GET", _) if own == Some("/hosting-environment") => self.hosting_environment(),
            ("GET", _) if own == Some("/shared-config") => Self::shared_config(),
            ("GET", _) if own == Some("/certificates") => self.certificates(headers),
            ("GET", _) if own == Some("/extensions-config") => self.extensions_config(both).await,
            ("PUT", _) if own == Some("/status") => self.status_blob(query, headers, &body),
            ("GET", _) => match package {
                Some((handler, "manifest.xml")) => self.manifest(both, handler).await,
                Some((handler, file)) if file.ends_with(".zip") => {
                    self.package(both, handler, file.trim_end_matches(".zip")).await
                }
                _ => answer::not_found(),
            },
            _ => answer::not_found(),
        }
    }

    /// Answers at once and passes the message on beside it; it is worth one attempt.
    fn pass_on(self: &Arc<Self>, path: &'static str, body: Bytes, done: StatusCode) -> Answer {
        let relay = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = relay.upstream.pass(Method::POST, path, body.to_vec(), "text/xml;charset=utf-8").await {
                tracing::debug!(%error, path, "a message of waagent is lost");
            }
        });
        answer::status(done)
    }

    /// waagent's probes of its surroundings: what is well is not worth a request.
    fn probes(self: &Arc<Self>, body: Bytes) -> Answer {
        let said = serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default();
        let ill = said["Observations"].as_array().is_some_and(|list| list.iter().any(|one| one["IsHealthy"] == false));
        if ill { self.pass_on("/HealthService", body, StatusCode::OK) } else { answer::status(StatusCode::OK) }
    }

    /// Most of waagent's telemetry is about itself; the server is told what it can use.
    fn telemetry(self: &Arc<Self>, body: &Bytes) -> Answer {
        match TelemetryData::parse(body).map(worth_telling) {
            Ok(data) if data.events.is_empty() => answer::status(StatusCode::OK),
            Ok(data) => self.pass_on("/machine?comp=telemetrydata", data.render().into(), StatusCode::OK),
            Err(error) => {
                tracing::debug!(%error, "telemetry that makes no sense");
                answer::status(StatusCode::OK)
            }
        }
    }
}
