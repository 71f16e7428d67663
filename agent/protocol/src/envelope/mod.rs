//! Envelopes: what only one machine may read.
//!
//! Protected settings travel as CMS `EnvelopedData` for a machine's own certificate (RSA PKCS#1 v1.5 key transport,
//! issuer and serial number, AES-256-CBC), which handlers in the field open with `openssl cms -decrypt`. For the
//! standard agent there is also the outer envelope, a PKCS#12 file for its transport certificate.
//!
//! ```text
//! machine: generate ──certificate──► server: seal(certificate, JSON) ──base64 DER──► handler: open(key, DER) ──► JSON
//! ```
//!
//! The key never leaves the machine. RSA decryption of the `rsa` crate is not constant in time; here nobody can ask
//! for decryptions and time them, because envelopes are opened on the machine, from files only root can write.

mod machine_key;
mod open;
mod pfx;
mod seal;

use der::Decode;
use sha1::{Digest, Sha1};
use x509_cert::Certificate;

pub use machine_key::{MachineKey, certificate_from_pem, certificate_to_pem};
pub use open::open;
pub use pfx::{TenantCertificate, certificates_payload};
pub use seal::{ContentCipher, seal, seal_with};

/// Most bytes of an envelope that is opened.
pub const MAX_ENVELOPE_BYTES: usize = 4 * 1024 * 1024;

/// Why an envelope could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The certificate is no X.509 certificate with an RSA key.
    #[error("the certificate is not an X.509 certificate with an RSA key: {0}")]
    Certificate(String),
    /// The private key is no PKCS#8 or PKCS#1 RSA key.
    #[error("the private key is not an RSA key in PEM form: {0}")]
    Key(String),
    /// The bytes are no CMS `EnvelopedData` in DER.
    #[error("the envelope is malformed: {0}")]
    Malformed(String),
    /// The envelope uses something that is not supported.
    #[error("the envelope uses {0}, which is not supported")]
    Unsupported(String),
    /// The envelope was made for another certificate, or is damaged.
    #[error("the envelope was not made for this key, or is damaged")]
    WrongKey,
    /// The key could not be generated or the envelope not be made.
    #[error("cannot make key or envelope: {0}")]
    Make(String),
}

/// Upper-case hex SHA-1 of a DER certificate: names `<THUMBPRINT>.crt` and `.prv`.
#[must_use]
pub fn thumbprint(certificate_der: &[u8]) -> String {
    hex::encode_upper(Sha1::digest(certificate_der))
}

/// Checks that bytes are the DER of an X.509 certificate with an RSA key of 2048 to 8192 bits.
///
/// # Errors
/// They are not.
pub fn check_certificate(certificate_der: &[u8]) -> Result<(), EnvelopeError> {
    seal::recipient(certificate_der).map(|_| ())
}

fn parse_certificate(der: &[u8]) -> Result<Certificate, EnvelopeError> {
    if der.len() > 64 * 1024 {
        return Err(EnvelopeError::Certificate("it is larger than 64 KiB".to_owned()));
    }
    Certificate::from_der(der).map_err(|error| EnvelopeError::Certificate(error.to_string()))
}
