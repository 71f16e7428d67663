//! TLS by the local authority.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::ServerName, pki_types::pem::PemObject,
};
use server::listen::{Listener, LocalCa, acceptor_from_local_ca};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn whoever_trusts_the_authority_trusts_the_portal() {
    let folder = tempfile::tempdir().unwrap();
    let acceptor = acceptor_from_local_ca(folder.path(), &["localhost".to_owned()]).unwrap();
    let listener = Listener::tcp("127.0.0.1:0".parse().unwrap(), Some(acceptor)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
    let serving = tokio::spawn(server::listen::serve(vec![listener], router, shutdown.clone()));

    let authority = LocalCa::open(folder.path()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes()).unwrap()).unwrap();
    let connect = async |roots: RootCertStore| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        connector.connect(ServerName::try_from("localhost").unwrap(), stream).await
    };
    let mut stream = connect(roots).await.expect("trusted");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
    assert!(connect(RootCertStore::empty()).await.is_err(), "nobody else does");

    shutdown.cancel();
    assert_eq!(serving.await.unwrap(), 0);
}
