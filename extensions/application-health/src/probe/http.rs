//! What does the application answer?
//!
//! Always the machine itself, without a name server, a proxy or a redirection. The certificate is not checked: it
//! bears the name under which others reach the application.

use std::net::SocketAddr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::tcp::LOOPBACK;
use super::{Finding, LIMIT, answer};
use crate::machine::Observed;

const MAX_BODY: u64 = 256 * 1024;

/// Every name is the machine itself.
#[derive(Debug)]
struct Loopback;

impl Resolver for Loopback {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let mut addresses = self.empty();
        for address in LOOPBACK {
            addresses.push(SocketAddr::new(address, port));
        }
        Ok(addresses)
    }
}

/// Asks over HTTP and HTTPS; every question has a connection of its own.
#[derive(Debug)]
pub(super) struct Client(Agent);

impl Client {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .tls_config(TlsConfig::builder().disable_verification(true).build())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .proxy(None)
            .timeout_global(Some(LIMIT))
            .user_agent("ApplicationHealthExtension/1.0")
            .build();
        Self(Agent::with_parts(config, DefaultConnector::new(), Loopback))
    }

    /// Anything but a readable answer with a status of 2xx is unknown.
    pub(super) fn look(&self, address: &str) -> Finding {
        let unknown = |words: String| Finding::new(Observed::Unknown, words);
        let mut answer = match self.0.get(address).call() {
            Ok(answer) => answer,
            Err(error) => return unknown(format!("no answer: {error}")),
        };
        let status = answer.status();
        if !status.is_success() {
            return unknown(format!("the answer has status {status}"));
        }
        match answer.body_mut().with_config().limit(MAX_BODY).read_to_string() {
            Ok(body) => answer::read(&body),
            Err(error) => unknown(format!("the answer broke off: {error}")),
        }
    }
}
