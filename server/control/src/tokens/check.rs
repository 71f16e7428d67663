//! From a token to who asks.

use std::{
    collections::HashMap,
    fmt::{self, Debug, Formatter},
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    actor::Actor,
    fault::{Fault, FaultKind},
    timestamp::Timestamp,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use uuid::Uuid;

use super::{
    claims::{Claims, SKEW_SECONDS},
    ring_rsa,
};
use crate::{Control, Error};

/// Longest token that is looked at, in bytes.
const TOKEN_LONGEST: usize = 8192;
/// Most tokens that are remembered.
const MOST: usize = 4096;

/// Tokens whose signature was found right: checking a signature costs more than all the rest.
#[derive(Default)]
pub(crate) struct Checked(Mutex<HashMap<Box<str>, Arc<Claims>>>);

impl Debug for Checked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Checked(..)")
    }
}

impl Checked {
    fn get(&self, token: &str) -> Option<Arc<Claims>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    fn keep(&self, token: &str, claims: Arc<Claims>, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, claims| !claims.expired(now));
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(token.into(), claims);
    }
}

impl Control {
    /// Who asks with this token, and what he may do now. `origin`: scheme and authority of the request.
    ///
    /// Errors: `InvalidAuthenticationToken` (malformed, not ours, for somebody else, or void), `ExpiredAuthenticationToken`,
    /// `InvalidAuthenticationTokenTenant`, `InvalidAuthenticationTokenAudience`.
    pub async fn token_actor(&self, token: &str, origin: &str) -> Result<Actor, Error> {
        let claims = match self.inner.tokens.get(token) {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(self.verify_token(token).await?);
                self.inner.tokens.keep(token, claims.clone(), self.now());
                claims
            }
        };
        self.current(&claims, origin).await?;
        let standing = self.bearer_standing(claims.oid).await?;
        match standing.as_ref() {
            Some(standing) if standing.holds(&claims) => Ok(standing.actor(claims.oid)),
            _ => Err(refused(
                "InvalidAuthenticationToken",
                "This token is void: its service principal was disabled or deleted, or the secret that it was got with was removed. Sign in again.",
            )),
        }
    }

    /// What does not last: time, and whom it is for.
    async fn current(&self, claims: &Claims, origin: &str) -> Result<(), Error> {
        let now = self.now();
        if claims.expired(now) {
            return Err(refused("ExpiredAuthenticationToken", "The access token has expired. Ask for a new one."));
        }
        if claims.nbf > now.millis().div_euclid(1000) + SKEW_SECONDS {
            return Err(refused(
                "InvalidAuthenticationToken",
                "The access token is not valid yet. Look at the clocks.",
            ));
        }
        if claims.tid != self.installation().await?.tenant_id {
            let message = "The access token is from another tenant. Sign in with the tenant of this portal.";
            return Err(refused("InvalidAuthenticationTokenTenant", message));
        }
        if self.own_audience(&claims.aud, origin).is_none() {
            let message = format!("The access token is for {:?}, not for this server's API.", claims.aud);
            return Err(refused("InvalidAuthenticationTokenAudience", &message));
        }
        Ok(())
    }

    /// Form and signature.
    async fn verify_token(&self, token: &str) -> Result<Claims, Error> {
        ring_rsa::install();
        let malformed =
            || refused("InvalidAuthenticationToken", "The access token is not one of this server. Sign in again.");
        if token.len() > TOKEN_LONGEST {
            return Err(malformed());
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| malformed())?;
        let id = header.kid.as_deref().and_then(|kid| Uuid::parse_str(kid).ok()).ok_or_else(malformed)?;
        let key = self.inner.store.read().await?.token_key_get(&id.to_string()).await?.ok_or_else(malformed)?;
        let key = DecodingKey::from_rsa_components(&key.modulus, &key.exponent)
            .map_err(|why| Error::internal("the key for tokens", &why))?;
        let mut rules = Validation::new(Algorithm::RS256);
        // time and audience are looked at with every request, by the clock of this server (`current`)
        (rules.validate_exp, rules.validate_aud) = (false, false);
        rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        jsonwebtoken::decode::<Claims>(token, &key, &rules).map(|data| data.claims).map_err(|_| malformed())
    }
}

fn refused(code: &str, message: &str) -> Error {
    Fault::new(FaultKind::Unauthenticated, code, message).into()
}
