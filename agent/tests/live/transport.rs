//! TCP, TLS with a private authority, limits, and which address gets the credential.

use std::sync::Arc;
use std::time::Duration;

use agent::transport::{Connection, Request, Server, TransportError};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

/// Answers every request with `body`, and tells what it was asked.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    body: &str,
    heard: &mpsc::UnboundedSender<String>,
    close: bool,
) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let _ = heard.send(head); // a test may not listen
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        if close {
            return;
        }
    }
}

async fn plain(body: String, close: bool) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (heard, body) = (heard.clone(), body.clone());
            tokio::spawn(async move { serve(stream, &body, &heard, close).await });
        }
    });
    (port, asked)
}

fn server(address: &str, ca: Option<&std::path::Path>) -> Server {
    Server::new(address.parse().unwrap(), Some("secret"), ca).unwrap()
}

#[tokio::test]
async fn the_credential_goes_to_the_server_and_nowhere_else() {
    let (own, mut own_asked) = plain("mine".into(), false).await;
    let (other, mut other_asked) = plain("other".into(), false).await;
    let mut connection = Connection::new(server(&format!("http://127.0.0.1:{own}"), None));
    for (target, body) in [
        ("/x".to_owned(), "mine"),
        (format!("http://127.0.0.1:{own}/y"), "mine"),
        (format!("http://127.0.0.1:{other}/z"), "other"),
        ("/again".to_owned(), "mine"),
    ] {
        assert_eq!(connection.send(&Request::get(target)).await.unwrap().body, body.as_bytes());
    }
    for path in ["/x", "/y", "/again"] {
        let head = own_asked.recv().await.unwrap();
        assert!(head.starts_with(&format!("GET {path} ")) && head.contains("Bearer secret"), "{head}");
    }
    let head = other_asked.recv().await.unwrap();
    assert!(!head.to_lowercase().contains("authorization"), "{head}");
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_opened_again() {
    let (port, _asked) = plain("x".into(), true).await;
    let mut connection = Connection::new(server(&format!("http://127.0.0.1:{port}"), None));
    for _ in 0..20 {
        connection.send(&Request::get("/")).await.unwrap();
    }
}

#[tokio::test]
async fn late_and_large_answers_are_errors() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut connection = Connection::new(server(&format!("http://{}", silent.local_addr().unwrap()), None));
    let late = connection.send(&Request::get("/").within(Duration::from_millis(100))).await;
    assert!(matches!(late, Err(TransportError::Timeout { .. })), "{late:?}");

    let (port, _asked) = plain("x".repeat(1000), false).await;
    let mut connection = Connection::new(server(&format!("http://127.0.0.1:{port}"), None));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("package");
    assert_eq!(connection.save(&Request::get("/"), &path, 1000).await.unwrap(), 1000);
    assert_eq!(std::fs::read(&path).unwrap().len(), 1000);
    let large = connection.save(&Request::get("/"), &path, 999).await;
    assert!(matches!(large, Err(TransportError::TooLarge { limit: 999, .. })), "{large:?}");

    let nobody = Connection::new(server("http://127.0.0.1:1", None)).send(&Request::get("/")).await;
    assert!(nobody.unwrap_err().is_transient());
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_when_given() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let ca = dir.path().join("ca.pem");
    std::fs::write(&ca, made.cert.pem()).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let other_ca = dir.path().join("other.pem");
    std::fs::write(&other_ca, other.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                serve(stream, "safe", &mpsc::unbounded_channel().0, true).await;
            });
        }
    });
    let answer = Connection::new(server(&address, Some(&ca))).send(&Request::get("/")).await;
    assert_eq!(answer.unwrap().body, b"safe");
    let refused = Connection::new(server(&address, Some(&other_ca))).send(&Request::get("/")).await;
    assert!(matches!(refused, Err(TransportError::Connect { .. })), "{refused:?}");
}
