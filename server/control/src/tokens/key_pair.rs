//! Making an RSA key pair, in the forms that are kept.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::secret::Secret;
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey, rand_core::OsRng, traits::PublicKeyParts};

use crate::Error;

/// Bits of the modulus: what Azure's own keys have.
const BITS: usize = 2048;

/// A new key pair.
pub(super) struct KeyPair {
    /// Modulus, base64url.
    pub(super) modulus: String,
    /// Public exponent, base64url.
    pub(super) exponent: String,
    /// The private key in PKCS #1 DER, base64.
    pub(super) private: Secret,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NoKey(String);

/// Makes one, off the async threads: it takes a part of a second.
pub(super) async fn make() -> Result<KeyPair, Error> {
    let failed = |why: String| Error::internal("making a key for tokens", &NoKey(why));
    let made = tokio::task::spawn_blocking(|| {
        let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(|why| why.to_string())?;
        let der = key.to_pkcs1_der().map_err(|why| why.to_string())?;
        Ok::<_, String>(KeyPair {
            modulus: URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
            exponent: URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
            private: Secret::new(STANDARD.encode(der.as_bytes())),
        })
    });
    made.await.map_err(|why| failed(why.to_string()))?.map_err(failed)
}
