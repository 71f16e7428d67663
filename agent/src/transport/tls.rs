//! TLS: rustls with ring; trust comes from one given file or from the machine's own store.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::TransportError;

/// A connector that trusts the certificates in `ca` (PEM), or the machine's store when none is given.
pub(super) fn connector(ca: Option<&Path>) -> Result<TlsConnector, TransportError> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            let fault = |error: &dyn std::fmt::Display| TransportError::Tls(format!("{}: {error}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(&error))? {
                let certificate = certificate.map_err(|error| fault(&error))?;
                roots.add(certificate).map_err(|error| fault(&error))?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::warn!(%error, "some trusted certificates of this machine cannot be read");
            }
            roots.add_parsable_certificates(found.certs);
        }
    }
    if roots.is_empty() {
        let advice =
            "no trusted certificate was found; install ca-certificates, or give the server's authority with --ca";
        return Err(TransportError::Tls(advice.to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TransportError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
