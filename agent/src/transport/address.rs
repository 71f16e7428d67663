//! Server addresses: `http://host:port`, `https://host:port`, `unix:/path/to/socket`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use hyper::Uri;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// Plain TCP or TLS.
    Tcp {
        /// Name or number; IPv6 without brackets.
        host: String,
        /// Port.
        port: u16,
        /// With TLS.
        tls: bool,
    },
    /// HTTP over a unix socket.
    Unix(PathBuf),
}

/// The text is no address of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no server address; write http://host:port, https://host:port or unix:/path/to/socket")]
pub struct BadAddress(String);

impl Address {
    /// What goes into the `Host` header, and what the server builds its addresses from.
    #[must_use]
    pub fn authority(&self) -> String {
        match self {
            Self::Tcp { host, port, tls } => {
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                let usual = if *tls { 443 } else { 80 };
                if *port == usual { host } else { format!("{host}:{port}") }
            }
            Self::Unix(_) => "localhost".to_owned(),
        }
    }

    /// The address that a `http` or `https` URL points at.
    pub(super) fn of_uri(uri: &Uri) -> Option<Self> {
        let tls = match uri.scheme_str()? {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        (!host.is_empty()).then(|| Self::Tcp { host, port: uri.port_u16().unwrap_or(if tls { 443 } else { 80 }), tls })
    }

    /// Whether a URL means this server. The scheme does not count: a server behind something that ends TLS writes
    /// `http` in its documents.
    pub(super) fn owns(&self, uri: &Uri) -> bool {
        let Some(authority) = uri.authority() else { return true };
        let port = |port: Option<u16>| port.unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        match self {
            Self::Unix(_) => authority.as_str().eq_ignore_ascii_case(&self.authority()),
            Self::Tcp { host, port: own, .. } => {
                let same_host = authority.host().trim_matches(['[', ']']).eq_ignore_ascii_case(host);
                same_host
                    && (authority.port_u16() == Some(*own)
                        || port(authority.port_u16()) == *own
                        || authority.as_str() == self.authority())
            }
        }
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let bad = || BadAddress(text.to_owned());
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
            return if path.is_absolute() { Ok(Self::Unix(path)) } else { Err(bad()) };
        }
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| bad())?;
        let plain = matches!(uri.path_and_query().map(|path| path.as_str()), None | Some("/" | ""));
        let anonymous = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        if plain && anonymous { Self::of_uri(&uri).ok_or_else(bad) } else { Err(bad()) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { tls, .. } => write!(f, "{}://{}", if *tls { "https" } else { "http" }, self.authority()),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_are_read_and_written() {
        for text in ["http://a:8080", "https://a.example", "http://10.0.0.1", "http://[::1]:8080", "unix:/run/a.sock"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!("unix:///run/a".parse::<Address>().unwrap().to_string(), "unix:/run/a");
        assert_eq!("http://a/".parse::<Address>().unwrap().to_string(), "http://a");
        for text in ["", "a", "ftp://a", "unix:relative", "http://a/path", "http://u:p@a", "http://"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_servers_own_urls_get_the_credential() {
        let owns = |address: &str, uri: &str| address.parse::<Address>().unwrap().owns(&uri.parse().unwrap());
        assert!(owns("http://a:8080", "http://a:8080/x") && owns("http://a:8080", "/x"));
        assert!(owns("https://a", "http://a/x"), "behind a TLS terminator");
        assert!(owns("https://a", "https://A:443/x"));
        assert!(!owns("http://a:8080", "http://a:8081/x") && !owns("http://a:8080", "http://b:8080/x"));
        assert!(owns("unix:/s", "http://localhost/x") && !owns("unix:/s", "http://elsewhere/x"));
    }
}
