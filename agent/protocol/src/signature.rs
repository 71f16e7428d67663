//! Package signatures: the server signs what it publishes, the agent runs nothing else.
//!
//! The signed message names handler, version and hash, so a signature cannot be moved to another package:
//! `annex-package-v1\n<Publisher.Type>\n<version>\n<sha256 hex>\n`.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Why a package is not what the server signed.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The key is not base64 of 32 bytes that are an Ed25519 public key.
    #[error("the package key is not a base64 Ed25519 public key; enrol this machine again")]
    Key,
    /// The signature is not base64 of 64 bytes.
    #[error("the package signature is not base64 of 64 bytes")]
    Form,
    /// The signature does not fit key, handler, version and hash.
    #[error("the signature of {handler} {version} is not by this server's package key")]
    Mismatch {
        /// `Publisher.Type`.
        handler: String,
        /// The version.
        version: String,
    },
}

/// The message that is signed for a package.
#[must_use]
pub fn message(handler: &str, version: &str, sha256_hex: &str) -> Vec<u8> {
    format!("annex-package-v1\n{handler}\n{version}\n{}\n", sha256_hex.to_ascii_lowercase()).into_bytes()
}

/// Signs a package; gives base64.
#[must_use]
pub fn sign(key: &SigningKey, handler: &str, version: &str, sha256_hex: &str) -> String {
    STANDARD.encode(key.sign(&message(handler, version, sha256_hex)).to_bytes())
}

/// The public key as agents get it: base64 of 32 raw bytes.
#[must_use]
pub fn public_key(key: &SigningKey) -> String {
    STANDARD.encode(key.verifying_key().to_bytes())
}

/// Checks a signature.
///
/// # Errors
/// Key or signature have the wrong form, or the signature does not fit.
pub fn verify(
    public_key: &str,
    handler: &str,
    version: &str,
    sha256_hex: &str,
    signature: &str,
) -> Result<(), SignatureError> {
    let key = STANDARD.decode(public_key.trim()).map_err(|_| SignatureError::Key)?;
    let key: [u8; 32] = key.try_into().map_err(|_| SignatureError::Key)?;
    let key = VerifyingKey::from_bytes(&key).map_err(|_| SignatureError::Key)?;
    let signature = STANDARD.decode(signature.trim()).map_err(|_| SignatureError::Form)?;
    let signature = Signature::from_slice(&signature).map_err(|_| SignatureError::Form)?;
    let mismatch = |_| SignatureError::Mismatch { handler: handler.to_owned(), version: version.to_owned() };
    key.verify_strict(&message(handler, version, sha256_hex), &signature).map_err(mismatch)
}

/// SHA-256 of bytes, in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// SHA-256 of everything a reader gives, in lower-case hex.
///
/// # Errors
/// The reader fails.
pub fn sha256_hex_of(reader: &mut impl Read) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::{public_key, sha256_hex, sign, verify};

    #[test]
    fn a_signature_holds_for_exactly_one_package() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let hash = sha256_hex(b"package");
        let signature = sign(&key, "A.B", "1.0.0", &hash);
        let public = public_key(&key);
        assert!(verify(&public, "A.B", "1.0.0", &hash, &signature).is_ok());
        assert!(verify(&public, "A.B", "1.0.0", &hash.to_uppercase(), &signature).is_ok());
        assert!(verify(&public, "A.C", "1.0.0", &hash, &signature).is_err());
        assert!(verify(&public, "A.B", "1.0.1", &hash, &signature).is_err());
        assert!(verify(&public, "A.B", "1.0.0", &sha256_hex(b"other"), &signature).is_err());
        assert!(verify(&public_key(&SigningKey::from_bytes(&[8; 32])), "A.B", "1.0.0", &hash, &signature).is_err());
        assert!(verify("x", "A.B", "1.0.0", &hash, &signature).is_err());
    }
}
