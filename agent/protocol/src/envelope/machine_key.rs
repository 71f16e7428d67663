//! A machine's own key and self-signed certificate.

use std::str::FromStr;
use std::time::Duration;

use der::asn1::GeneralizedTime;
use der::{DecodePem, Encode, EncodePem};
use pkcs8::{EncodePrivateKey, LineEnding};
use rsa::pkcs1v15::{Signature, SigningKey};
use rsa::rand_core::{OsRng, RngCore};
use rsa::signature::Keypair;
use rsa::{RsaPrivateKey, sha2::Sha256};
use spki::{EncodePublicKey, SubjectPublicKeyInfoOwned};
use x509_cert::Certificate;
use x509_cert::builder::{Builder, CertificateBuilder, Profile};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};
use zeroize::Zeroizing;

use super::{EnvelopeError, thumbprint};
use crate::Timestamp;

const BITS: usize = 2048;
const DAY: i64 = 24 * 3600;
/// Protected settings outlive any sensible renewal, and nobody but the server relies on the certificate.
const VALID_DAYS: i64 = 10 * 365;

/// A fresh RSA-2048 key and the self-signed certificate for it.
pub struct MachineKey {
    /// The certificate in DER.
    pub certificate_der: Vec<u8>,
    /// The private key as PKCS#8 in PEM.
    pub key_pem: Zeroizing<String>,
}

impl MachineKey {
    /// Generates key and certificate; valid from a day before `now` for ten years. Takes up to a second of processor
    /// time.
    ///
    /// # Errors
    /// The system has no randomness, or the encoders refuse.
    pub fn generate(now: Timestamp) -> Result<Self, EnvelopeError> {
        let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(|error| make(&error))?;
        let key_pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| make(&error))?;
        let signer = SigningKey::<Sha256>::new(key);
        let public = signer.verifying_key().to_public_key_der().map_err(|error| make(&error))?;
        let public = SubjectPublicKeyInfoOwned::try_from(public.as_bytes()).map_err(|error| make(&error))?;
        let mut serial = [0u8; 16];
        OsRng.try_fill_bytes(&mut serial).map_err(|error| make(&error))?;
        serial[0] = serial[0] & 0x7f | 0x01; // positive and never short
        let serial = SerialNumber::new(&serial).map_err(|error| make(&error))?;
        let name = Name::from_str("CN=Annex machine").map_err(|error| make(&error))?;
        // the custom of self-signed machine certificates: not an authority, may carry keys
        let profile =
            Profile::Leaf { issuer: name.clone(), enable_key_agreement: false, enable_key_encipherment: true };
        let seconds = now.unix_ms() / 1000;
        let validity = Validity { not_before: time(seconds - DAY)?, not_after: time(seconds + VALID_DAYS * DAY)? };
        let certificate = CertificateBuilder::new(profile, serial, validity, name, public, &signer)
            .and_then(Builder::build::<Signature>)
            .map_err(|error| make(&error))?;
        Ok(Self { certificate_der: certificate.to_der().map_err(|error| make(&error))?, key_pem })
    }

    /// Names the files of this key: upper-case hex SHA-1 of the certificate.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.certificate_der)
    }
}

impl std::fmt::Debug for MachineKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MachineKey").field("thumbprint", &self.thumbprint()).finish_non_exhaustive()
    }
}

/// A DER certificate as PEM: the content of `<THUMBPRINT>.crt`.
///
/// # Errors
/// The bytes are no certificate.
pub fn certificate_to_pem(certificate_der: &[u8]) -> Result<String, EnvelopeError> {
    let certificate = super::parse_certificate(certificate_der)?;
    certificate.to_pem(LineEnding::LF).map_err(|error| EnvelopeError::Certificate(error.to_string()))
}

/// The DER of a PEM certificate.
///
/// # Errors
/// The text is no certificate.
pub fn certificate_from_pem(pem: &str) -> Result<Vec<u8>, EnvelopeError> {
    let certificate = Certificate::from_pem(pem).map_err(|error| EnvelopeError::Certificate(error.to_string()))?;
    certificate.to_der().map_err(|error| EnvelopeError::Certificate(error.to_string()))
}

fn time(unix_seconds: i64) -> Result<Time, EnvelopeError> {
    let since = Duration::from_secs(u64::try_from(unix_seconds).map_err(|error| make(&error))?);
    Ok(Time::GeneralTime(GeneralizedTime::from_unix_duration(since).map_err(|error| make(&error))?))
}

fn make(error: &dyn std::fmt::Display) -> EnvelopeError {
    EnvelopeError::Make(error.to_string())
}
