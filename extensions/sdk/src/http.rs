//! What all requests of handlers to other machines have in common.

use std::sync::Arc;

use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// TLS with the machine's trust store, so that a private authority works; the public authorities where there is none.
#[must_use]
pub fn tls() -> TlsConfig {
    let found: Vec<Certificate<'static>> = rustls_native_certs::load_native_certs()
        .certs
        .into_iter()
        .map(|certificate| Certificate::from_der(&certificate).to_owned())
        .collect();
    let roots = if found.is_empty() { RootCerts::WebPki } else { RootCerts::Specific(Arc::new(found)) };
    TlsConfig::builder().root_certs(roots).build()
}
