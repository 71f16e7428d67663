//! The signing keys: in the database, so that every process signs with the same and knows all of them.
//!
//! ```text
//!  made ── signs for 30 days ──► retired (another took its place) ── verifies for 1 h more ──► forgotten
//! ```

use domain::{
    access::TOKEN_SECONDS,
    activity::Outcome,
    actor::{Actor, Permission},
    secret::Secret,
};
use jsonwebtoken::EncodingKey;
use store::TokenKeyRow;

use super::{claims::SKEW_SECONDS, key_pair};
use crate::{Control, Error, access::access_touched};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How long a key signs.
const KEY_SIGNS_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How long a retired key is kept: until its last token has expired, by the clock of any server.
pub(crate) const KEY_KEPT_MS: i64 = (TOKEN_SECONDS + 2 * SKEW_SECONDS) * 1000;

/// The public part of a key, as others verify tokens with it (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicTokenKey {
    /// Its id (`kid`).
    pub id: String,
    /// RSA modulus, base64url without padding (`n`).
    pub modulus: String,
    /// RSA exponent, likewise (`e`).
    pub exponent: String,
}

fn place(id: &str) -> String {
    format!("token-key:{id}")
}

impl Control {
    /// The keys that tokens may be signed with now, newest first.
    pub async fn token_keys(&self) -> Result<Vec<PublicTokenKey>, Error> {
        self.signing_key().await?;
        let rows = self.inner.store.read().await?.token_key_list().await?;
        Ok(rows.into_iter().map(|r| PublicTokenKey { id: r.id, modulus: r.modulus, exponent: r.exponent }).collect())
    }

    /// The key that signs now, made when there is none that is young enough.
    pub(super) async fn signing_key(&self) -> Result<TokenKeyRow, Error> {
        if let Some(key) = self.fit_key(&self.inner.store.read().await?.token_key_list().await?) {
            return Ok(key);
        }
        self.new_key(false, None).await
    }

    /// A new key at once. Tokens that were signed with the former one stay good until they expire.
    pub(crate) async fn rotate_token_key(&self, actor: &Actor) -> Result<(), Error> {
        actor.require(Permission::ManageAccounts)?;
        self.new_key(true, Some(actor)).await.map(drop)
    }

    fn fit_key(&self, keys: &[TokenKeyRow]) -> Option<TokenKeyRow> {
        let oldest = self.now().plus_millis(-KEY_SIGNS_MS);
        keys.iter().find(|key| key.retired_at.is_none() && key.created_at > oldest).cloned()
    }

    async fn new_key(&self, always: bool, by: Option<&Actor>) -> Result<TokenKeyRow, Error> {
        let pair = key_pair::make().await?;
        let mut tx = self.inner.store.begin().await?;
        // another process may have made one meanwhile
        if !always && let Some(key) = self.fit_key(&tx.token_key_list().await?) {
            return Ok(key);
        }
        let id = self.new_uuid().to_string();
        let key = TokenKeyRow {
            modulus: pair.modulus,
            exponent: pair.exponent,
            private_key: self.inner.keys.sealer.seal(&place(&id), &pair.private, self.inner.context.ids.as_ref())?,
            created_at: self.now(),
            retired_at: None,
            id,
        };
        tx.token_key_insert(&key).await?;
        if let Some(actor) = by {
            let action = "changed the key that tokens are signed with";
            self.note(&mut tx, actor, action, None, Outcome::Succeeded, None).await?;
        }
        self.commit(tx, access_touched()).await?;
        Ok(key)
    }

    /// Opens the private part.
    pub(super) fn open_key(&self, key: &TokenKeyRow) -> Result<EncodingKey, Error> {
        let opened: Secret = self.inner.keys.sealer.open(&place(&key.id), &key.private_key)?;
        let der = STANDARD.decode(opened.reveal()).map_err(|why| Error::internal("the key for tokens", &why))?;
        Ok(EncodingKey::from_rsa_der(&der))
    }
}
