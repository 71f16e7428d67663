//! Where programs are served: over TLS, because their clients send tokens over nothing else.
//!
//! ```text
//!  --listen-tls given ──► exactly those, or none
//!  not given ─┬─ --listen is TLS already, or a proxy adds it ─► nothing more
//!             └─ else 127.0.0.1:8443; when that is taken: said, and the portal goes on without
//! ```

use std::{
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
};

use tokio_rustls::TlsAcceptor;

use super::args::{ServeArgs, TlsMode};
use crate::{
    cli::error::CliError,
    listen::{Listener, LocalCa, TlsError, acceptor_from_files, acceptor_from_local_ca},
};

/// Where programs are served when nobody says otherwise.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

/// One value of `--listen-tls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum TlsAddress {
    /// Nowhere.
    Nowhere,
    /// There.
    At(SocketAddr),
}

impl FromStr for TlsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::Nowhere);
        }
        text.parse()
            .map(Self::At)
            .map_err(|_| "give an address with a port, for example 0.0.0.0:8443, or none".to_owned())
    }
}

/// What programs find.
#[derive(Debug, Default)]
pub(super) struct Programs {
    /// The address of the API; `None`: it is not served over TLS.
    pub(super) url: Option<String>,
    /// The private authority (PEM) that clients must trust.
    pub(super) authority: Option<String>,
    /// Why it is not served although nobody switched it off.
    pub(super) trouble: Option<String>,
}

impl ServeArgs {
    /// Addresses of `--listen-tls`, and whether they are the usual one that nobody asked for.
    pub(super) fn tls_addresses(&self) -> (Vec<SocketAddr>, bool) {
        match &self.listen_tls {
            Some(given) => {
                let at = given.iter().filter_map(|address| match address {
                    TlsAddress::At(address) => Some(*address),
                    TlsAddress::Nowhere => None,
                });
                (at.collect(), false)
            }
            None if self.is_https() => (Vec::new(), true),
            None => (vec![USUAL], true),
        }
    }

    /// Clients reach the ordinary addresses over TLS: ours, or a proxy's.
    fn is_https(&self) -> bool {
        self.tls.is_on() || self.public_url().is_some_and(|url| url.starts_with("https://"))
    }

    /// A certificate from the given files, else one by the local authority.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) if self.tls != TlsMode::LocalCa => acceptor_from_files(certificate, key),
            _ => acceptor_from_local_ca(&self.installation.authority(), &self.certificate_names()),
        }
    }

    /// The private authority (PEM) behind [`Self::acceptor`], if there is one.
    fn acceptor_authority(&self) -> Result<Option<String>, CliError> {
        if let Some(pem) = self.authority_pem()? {
            return Ok(Some(pem));
        }
        if self.tls_cert.is_some() && self.tls_key.is_some() {
            return Ok(None);
        }
        let authority = LocalCa::open(&self.installation.authority()).map_err(TlsError::from)?;
        Ok(Some(authority.certificate_pem().to_owned()))
    }
}

/// Binds the addresses for programs into `listeners`.
pub(super) async fn bind(args: &ServeArgs, listeners: &mut Vec<Listener>) -> Result<Programs, CliError> {
    let (addresses, usual) = args.tls_addresses();
    let mut programs = Programs::default();
    if args.is_https() {
        programs.url = args.public_url().map(str::to_owned);
        programs.authority = args.authority_pem()?;
        if programs.url.is_none() {
            programs.url = listeners.iter().find_map(Listener::local_addr).map(|address| args.url_at(address));
        }
    }
    for address in addresses {
        match Listener::tcp(address, Some(args.acceptor()?)).await {
            Ok(listener) => {
                if programs.url.is_none() {
                    programs.url = listener.local_addr().map(|address| args.url_at(address));
                    programs.authority = args.acceptor_authority()?;
                }
                listeners.push(listener);
            }
            Err(error) if usual => {
                programs.trouble = Some(format!(
                    "Programs (az, SDKs) are not served: {address} cannot be used ({error}). Choose another address with --listen-tls ADDRESS, or switch this off with --listen-tls none."
                ));
            }
            Err(error) => return Err(CliError::io(format!("cannot listen on {address}"), error)),
        }
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_none() {
        assert_eq!("none".parse(), Ok(TlsAddress::Nowhere));
        assert_eq!("[::1]:9443".parse(), Ok(TlsAddress::At("[::1]:9443".parse().expect("an address"))));
        for bad in ["8443", "localhost:8443", ""] {
            assert!(bad.parse::<TlsAddress>().is_err(), "{bad}");
        }
    }
}
