//! A connected stream of any kind.

use std::io;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{Address, TransportError};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Anything that can carry HTTP.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects within ten seconds, TLS included.
pub(super) async fn connect(
    address: &Address,
    tls: Option<&TlsConnector>,
) -> Result<TokioIo<Box<dyn Stream>>, TransportError> {
    let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
    let stream = timeout(CONNECT_LIMIT, open(address, tls)).await.unwrap_or_else(late);
    let stream = stream.map_err(|source| TransportError::Connect { address: address.to_string(), source })?;
    Ok(TokioIo::new(stream))
}

async fn open(address: &Address, tls: Option<&TlsConnector>) -> io::Result<Box<dyn Stream>> {
    match address {
        Address::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
        Address::Tcp { host, port, tls: wanted } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            if !wanted {
                return Ok(Box::new(stream));
            }
            let connector = tls.ok_or_else(|| io::Error::other("TLS is not set up"))?;
            let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
            Ok(Box::new(connector.connect(name, stream).await?))
        }
    }
}
