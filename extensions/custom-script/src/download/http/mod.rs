//! The HTTP client: TLS by rustls with the machine's own trust store, bounded waits, no downgrade to plain HTTP.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

use handler_sdk::http;
use ureq::tls::TlsConfig;
use ureq::{Agent, Error};

use super::refusal::Refusal;

const CONNECT: Duration = Duration::from_secs(30);
const FIRST_ANSWER: Duration = Duration::from_secs(60);
const BETWEEN_BYTES: Duration = Duration::from_secs(60);
const REDIRECTS: u32 = 10;
/// The version of the store's protocol that requests with a token state.
const STORE_VERSION: &str = "2018-03-28";

/// One request for a file.
#[derive(Clone)]
pub(super) struct Request {
    address: String,
    headers: Vec<(&'static str, String)>,
}

impl Request {
    /// As anybody.
    pub(super) fn plain(address: &str) -> Self {
        Self { address: address.to_owned(), headers: Vec::new() }
    }

    /// With a bearer's token. It is not sent on to another host.
    pub(super) fn with_token(address: &str, token: &str) -> Self {
        let headers = vec![("authorization", format!("Bearer {token}")), ("x-ms-version", STORE_VERSION.to_owned())];
        Self { address: address.to_owned(), headers }
    }

    /// With a header of its own.
    pub(super) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// Makes requests; connections are kept between them.
pub(super) struct Client {
    tls: TlsConfig,
    agent: Agent,
}

impl Client {
    pub(super) fn new() -> Self {
        let tls = http::tls();
        let config = Agent::config_builder()
            .tls_config(tls.clone())
            .http_status_as_error(false)
            .max_redirects(REDIRECTS)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(FIRST_ANSWER))
            .timeout_per_read(Some(BETWEEN_BYTES))
            .user_agent("Annex-CustomScript/1")
            .build();
        Self { tls, agent: config.into() }
    }

    /// Writes the answer's body to `file` and returns its length.
    ///
    /// # Errors
    /// Any answer but 200, none at all, or a body that broke off.
    pub(super) fn get(&self, request: &Request, file: &mut File) -> Result<u64, Refusal> {
        self.read(request, None, |body| copy(body, file))
    }

    /// A short answer as text with its status, whatever that is; for services on the machine itself.
    ///
    /// # Errors
    /// No answer within `limit`.
    pub(super) fn ask(&self, request: &Request, limit: Duration) -> Result<(u16, String), Refusal> {
        let mut builder = self.agent.get(&request.address).config().proxy(None).timeout_global(Some(limit)).build();
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let mut answer = builder.call().map_err(refusal)?;
        let text = answer.body_mut().with_config().limit(256 * 1024).read_to_string().map_err(refusal)?;
        Ok((answer.status().as_u16(), text))
    }

    fn read<T>(
        &self,
        request: &Request,
        limit: Option<Duration>,
        read: impl FnOnce(&mut dyn Read) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        // whoever writes https must not be led to a script that anybody on the way can change
        let encrypted = request.address.to_ascii_lowercase().starts_with("https:");
        let config = self.agent.get(&request.address).config();
        let mut builder = config.tls_config(self.tls.clone()).https_only(encrypted).timeout_global(limit).build();
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let answer = builder.call().map_err(refusal)?;
        match answer.status().as_u16() {
            200 => read(&mut answer.into_body().into_reader()),
            code => Err(Refusal::Status { code }),
        }
    }
}

/// Like `io::copy`, but knows which end failed.
fn copy(body: &mut dyn Read, file: &mut File) -> Result<u64, Refusal> {
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let length = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(refusal(Error::from(error))),
        };
        file.write_all(&buffer[..length])?;
        total += length as u64;
    }
    file.flush()?;
    Ok(total)
}

fn refusal(error: Error) -> Refusal {
    match error {
        Error::Timeout(what) => Refusal::TimedOut(what.to_string()),
        Error::HostNotFound => Refusal::Network("the host name is not known".to_owned()),
        Error::ConnectionFailed => Refusal::Network("no connection to the server".to_owned()),
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Refusal::TimedOut(error.to_string()),
        // how TLS reports a certificate that it does not accept
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Refusal::Lasting(error.to_string()),
        Error::Io(error) => Refusal::Network(error.to_string()),
        Error::Protocol(error) => Refusal::Network(format!("the answer is not HTTP: {error}")),
        Error::ConnectProxyFailed(_) => Refusal::Network("no connection through the proxy".to_owned()),
        Error::RequireHttpsOnly(_) => Refusal::Lasting("it redirects from https to plain http".to_owned()),
        // the text of the others may repeat the address, with what is secret in it
        Error::BadUri(_) | Error::Http(_) => Refusal::Lasting("it is not a usable address".to_owned()),
        other => Refusal::Lasting(other.to_string()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
