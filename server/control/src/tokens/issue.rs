//! A token for a service principal that shows its secret (OAuth 2.0 client credentials).

use domain::{
    access::TOKEN_SECONDS,
    activity::Outcome,
    actor::Actor,
    fault::{Fault, FaultKind},
    ids::AppId,
    secret::Secret,
};
use jsonwebtoken::{Algorithm, Header};
use store::ServicePrincipalRow;
use subtle::ConstantTimeEq;

use super::{
    claims::{Bearer, Claims},
    ring_rsa,
};
use crate::{Control, Error, access::access_touched, secrets};

/// What a program shows to get a token.
#[derive(Clone, Debug)]
pub struct ProgramCredentials {
    /// Its app id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// What it wants to use the token for: an audience, trailing slashes do not count.
    pub resource: String,
}

/// A token that was made.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// The token itself, for whoever asked and nobody else.
    pub access_token: Secret,
    /// How long it lives, in seconds.
    pub expires_in: i64,
    /// When it expires, in unix seconds.
    pub expires_on: i64,
    /// Its audience.
    pub resource: String,
    /// What its bearer signed in as.
    pub client_id: String,
}

impl Control {
    /// A token for a service principal. `origin`: scheme and authority of the request; `remote`: the address it comes from.
    ///
    /// Errors: `InvalidClient` (wrong app id or secret, expired secret, disabled); `InvalidResource`; `TooManyRequests` when
    /// `remote` has shown too many wrong secrets. What is right is never limited, and nobody can lock a program out: its
    /// secret is not to be guessed.
    pub async fn token_for_program(
        &self,
        shown: ProgramCredentials,
        origin: &str,
        remote: &str,
    ) -> Result<IssuedToken, Error> {
        self.inner.token_tries.check(remote, self.steady())?;
        let audience = self.own_audience(&shown.resource, origin).ok_or_else(|| wrong_resource(&shown.resource))?;
        let found = match shown.client_id.trim().parse::<AppId>() {
            Ok(app) => self.inner.store.read().await?.service_principal_by_app(app).await?,
            Err(_) => None,
        };
        let bearer = match self.prove(found.as_ref(), &shown.client_secret) {
            Ok(bearer) => bearer,
            Err(fault) => {
                self.inner.token_tries.note(remote, self.steady());
                self.note_refusal(found.as_ref(), &shown.client_id, remote, &fault).await?;
                return Err(fault.into());
            }
        };
        let principal = bearer.principal;
        let issued = self.sign_token(bearer, audience, origin).await?;
        let mut tx = self.inner.store.begin().await?;
        tx.service_principal_signed_in(principal, self.now()).await?;
        self.commit(tx, access_touched()).await?;
        Ok(issued)
    }

    /// Whose secret it is. Unknown programs take as long as known ones.
    fn prove(&self, found: Option<&ServicePrincipalRow>, secret: &Secret) -> Result<Bearer, Fault> {
        let shown = secrets::hash(secret.reveal());
        let nobodys = [secrets::hash("nobody has this one"), String::new()];
        let known = found.map_or(nobodys.as_slice(), |row| row.secret_hashes.as_slice());
        let mut right = None;
        for (number, hash) in known.iter().enumerate() {
            if bool::from(hash.as_bytes().ct_eq(shown.as_bytes())) {
                right = Some(number);
            }
        }
        let (Some(row), Some(number)) = (found, right) else {
            return Err(wrong_client(
                "The app id and the secret do not belong together. Look the app id up on the portal's Access page, and make a new secret there if this one was lost.",
            ));
        };
        let note = &row.principal.secrets[number];
        if note.expires_at <= self.now() {
            return Err(wrong_client(&format!(
                "This secret of {} has expired. Add a new one on the portal's Access page.",
                row.principal.name
            )));
        }
        if !row.principal.enabled {
            return Err(wrong_client(&format!(
                "The service principal {} is disabled. An Owner can enable it on the portal's Access page.",
                row.principal.name
            )));
        }
        Ok(Bearer {
            principal: row.principal.id,
            app: row.principal.app_id.to_string(),
            resource_id: None,
            stamp: row.changed_at,
            secret: Some(note.id),
        })
    }

    async fn note_refusal(
        &self,
        found: Option<&ServicePrincipalRow>,
        client_id: &str,
        remote: &str,
        fault: &Fault,
    ) -> Result<(), Error> {
        let name = match found {
            Some(row) => row.principal.actor_name(),
            None => client_id.chars().filter(|c| !c.is_control()).take(64).collect(),
        };
        tracing::info!(program = name, remote, reason = fault.code, "no token");
        let mut tx = self.inner.store.begin().await?;
        let (actor, detail) = (Actor::nobody(name), Some(format!("from {remote}")));
        self.note(&mut tx, &actor, "tried to sign in as a program", None, Outcome::Refused, detail).await?;
        self.commit(tx, access_touched()).await
    }

    /// Signs a token.
    pub(super) async fn sign_token(
        &self,
        bearer: Bearer,
        audience: String,
        origin: &str,
    ) -> Result<IssuedToken, Error> {
        ring_rsa::install();
        let key = self.signing_key().await?;
        let private = self.open_key(&key)?;
        let tenant = self.installation().await?.tenant_id;
        let claims = Claims::new(bearer, audience, origin, tenant, self.now());
        let header = Header { kid: Some(key.id), ..Header::new(Algorithm::RS256) };
        let token = jsonwebtoken::encode(&header, &claims, &private);
        let token = token.map_err(|why| Error::internal("signing a token", &why))?;
        Ok(IssuedToken {
            access_token: Secret::new(token),
            expires_in: TOKEN_SECONDS,
            expires_on: claims.exp,
            resource: claims.aud,
            client_id: claims.appid,
        })
    }
}

fn wrong_client(message: &str) -> Fault {
    Fault::new(FaultKind::Unauthenticated, "InvalidClient", message)
}

pub(super) fn wrong_resource(asked: &str) -> Fault {
    let asked: String = asked.chars().filter(|c| !c.is_control()).take(100).collect();
    Fault::new(
        FaultKind::Invalid,
        "InvalidResource",
        format!("This server makes tokens for its own API only, not for {asked:?}. Ask for its own address, or for https://management.azure.com."),
    )
    .at("resource")
}
