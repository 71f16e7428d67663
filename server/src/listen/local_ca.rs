//! A certificate authority of one's own, made on first use: TLS without buying or asking for anything.
//!
//! `<folder>/ca.pem` is to be trusted by browsers and machines (`annex ca` prints it); `<folder>/ca.key` never leaves the
//! server. Certificates for the server itself live in memory and are new at every start.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use time::{Duration, OffsetDateTime};

/// Why the local authority cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocalCaError {
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file holds something else, or a name cannot stand in a certificate.
    #[error("the local certificate authority: {0}; move its folder away to have a new one made")]
    Certificate(String),
}

/// The authority.
pub struct LocalCa {
    certificate_pem: String,
    key: KeyPair,
}

impl LocalCa {
    /// Opens the authority in `folder`; makes one (valid for 10 years) when there is none.
    ///
    /// # Errors
    /// Its files cannot be read, written or understood.
    pub fn open(folder: &Path) -> Result<Self, LocalCaError> {
        let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
        if !key.exists() {
            return Self::make(folder, &certificate, &key);
        }
        let read = |path: &PathBuf| std::fs::read_to_string(path).map_err(|error| file(path, error));
        let key = KeyPair::from_pem(&read(&key)?).map_err(certificate_error)?;
        Ok(Self { certificate_pem: read(&certificate)?, key })
    }

    fn make(folder: &Path, certificate: &Path, key_file: &Path) -> Result<Self, LocalCaError> {
        let key = KeyPair::generate().map_err(certificate_error)?;
        let certificate_pem = authority().self_signed(&key).map_err(certificate_error)?.pem();
        std::fs::create_dir_all(folder).map_err(|error| file(folder, error))?;
        write(certificate, certificate_pem.as_bytes(), 0o644)?;
        write(key_file, key.serialize_pem().as_bytes(), 0o600)?;
        Ok(Self { certificate_pem, key })
    }

    /// The authority's own certificate: what others must trust.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// A certificate for a server under `names` (host names or addresses), with its key. Valid for 397 days.
    ///
    /// # Errors
    /// A name that cannot stand in a certificate.
    pub fn issue(
        &self,
        names: &[String],
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), LocalCaError> {
        let issuer = Issuer::new(authority(), &self.key);
        let key = KeyPair::generate().map_err(certificate_error)?;
        let mut params = CertificateParams::new(names.to_vec()).map_err(certificate_error)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Annex");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = OffsetDateTime::now_utc() - Duration::days(1);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(397);
        let certificate = params.signed_by(&key, &issuer).map_err(certificate_error)?;
        let authority = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes())
            .map_err(|error| LocalCaError::Certificate(error.to_string()))?;
        let chain = vec![certificate.der().clone(), authority];
        Ok((chain, PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()))))
    }
}

/// What the authority's certificate says; what it issues refers to the same name.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Annex local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = OffsetDateTime::now_utc() - Duration::days(1);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(3650);
    params
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), LocalCaError> {
    let open = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path);
    open.and_then(|mut target| target.write_all(bytes)).map_err(|error| file(path, error))
}

fn file(path: &Path, error: std::io::Error) -> LocalCaError {
    LocalCaError::File { path: path.display().to_string(), error }
}

fn certificate_error(error: rcgen::Error) -> LocalCaError {
    LocalCaError::Certificate(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::LocalCa;

    #[test]
    fn the_authority_is_made_once_and_issues_for_names_and_addresses() {
        let folder = tempfile::tempdir().expect("temp folder");
        let first = LocalCa::open(folder.path()).expect("made");
        let again = LocalCa::open(folder.path()).expect("opened");
        assert_eq!(first.certificate_pem(), again.certificate_pem());
        let (chain, _key) = again.issue(&["localhost".into(), "127.0.0.1".into(), "::1".into()]).expect("issued");
        assert_eq!(chain.len(), 2);
    }
}
