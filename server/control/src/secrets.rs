//! Sealing protected settings at rest, and hashing tokens.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use domain::secret::Secret;
use sha2::{Digest, Sha256};

use crate::{Error, context::Ids};

/// Seals secrets with a key that is not in the database.
pub(crate) struct Sealer(XChaCha20Poly1305);

/// Bytes of an XChaCha20 nonce.
const NONCE: usize = 24;

/// A sealed text that does not open: another key, or altered.
#[derive(Debug, thiserror::Error)]
#[error("a sealed secret does not open with this installation's sealing key")]
struct DoesNotOpen;

impl Sealer {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(Key::from_slice(key)))
    }

    /// Seals `secret` for one place: a sealed text moved elsewhere does not open there.
    pub(crate) fn seal(&self, place: &str, secret: &Secret, ids: &dyn Ids) -> Result<String, Error> {
        let mut nonce = [0; NONCE];
        ids.random(&mut nonce);
        let payload = Payload { msg: secret.reveal().as_bytes(), aad: place.as_bytes() };
        let sealed = self
            .0
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| Error::internal("sealing a secret", &DoesNotOpen))?;
        Ok(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what [`Self::seal`] sealed for the same place.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> Result<Secret, Error> {
        let opened = STANDARD.decode(sealed).ok().filter(|b| b.len() > NONCE).and_then(|bytes| {
            let (nonce, sealed) = bytes.split_at(NONCE);
            self.0.decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: place.as_bytes() }).ok()
        });
        let text = opened.and_then(|plain| String::from_utf8(plain).ok());
        text.map(Secret::new).ok_or_else(|| Error::internal("opening a sealed secret", &DoesNotOpen))
    }
}

/// SHA-256 in hex: how tokens and credentials are kept.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// A new token of 256 bits, URL-safe, with a word in front that tells what it is.
pub(crate) fn new_token(kind: &str, ids: &dyn Ids) -> String {
    format!("{kind}_{}", random_text(ids))
}

/// 256 random bits, URL-safe; never with a hyphen in front, which command lines would take for an option.
pub(crate) fn random_text(ids: &dyn Ids) -> String {
    loop {
        let mut bytes = [0; 32];
        ids.random(&mut bytes);
        let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        if !text.starts_with('-') {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::SystemIds;

    #[test]
    fn sealed_secrets_open_only_in_their_place_and_with_their_key() {
        let (sealer, other) = (Sealer::new(&[1; 32]), Sealer::new(&[2; 32]));
        let sealed = sealer.seal("a", &Secret::new("hunter2"), &SystemIds).expect("seals");
        assert!(!sealed.contains("hunter2"));
        assert_eq!(sealer.open("a", &sealed).expect("opens").reveal(), "hunter2");
        assert!(sealer.open("b", &sealed).is_err());
        assert!(other.open("a", &sealed).is_err());
        assert!(sealer.open("a", "AAAA").is_err());
    }
}
