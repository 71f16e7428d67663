//! TLS: a certificate from files, or one by the local authority.

use std::{path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

use super::local_ca::{LocalCa, LocalCaError};

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error(
        "{path} cannot be read as PEM ({reason}); give the certificate chain and its private key, each as a PEM file"
    )]
    Pem {
        /// The file.
        path: String,
        /// What the reader said.
        reason: String,
    },
    /// Certificate and key do not fit, or the key is of an unknown kind.
    #[error("this certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// The local authority failed.
    #[error(transparent)]
    LocalCa(#[from] LocalCaError),
}

/// TLS with a certificate chain and key from PEM files.
///
/// # Errors
/// A file cannot be read, or chain and key do not fit.
pub fn acceptor_from_files(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let pem = |path: &Path, error: &dyn std::fmt::Display| TlsError::Pem {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| pem(certificate, &e))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|e| pem(key, &e))?;
    acceptor(chain, key_der)
}

/// TLS with a fresh certificate for `names`, by the authority in `folder` (made on first use).
///
/// # Errors
/// The authority's files cannot be read or written.
pub fn acceptor_from_local_ca(folder: &Path, names: &[String]) -> Result<TlsAcceptor, TlsError> {
    let (chain, key) = LocalCa::open(folder)?.issue(names)?;
    acceptor(chain, key)
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
