//! What a token says.

use domain::{
    access::TOKEN_SECONDS,
    ids::{PrincipalId, SecretId, TenantId},
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

/// How far the clocks of two servers on one database may differ, in seconds.
pub(super) const SKEW_SECONDS: i64 = 300;

/// The claims of an access token, named as Azure names them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    /// Whom it is for.
    pub(super) aud: String,
    /// Who made it.
    pub(super) iss: String,
    /// When, in unix seconds.
    pub(super) iat: i64,
    /// Good from then on.
    pub(super) nbf: i64,
    /// And until then.
    pub(super) exp: i64,
    /// The tenant.
    pub(super) tid: TenantId,
    /// The object id of whom it stands for.
    pub(super) oid: PrincipalId,
    /// The same.
    pub(super) sub: PrincipalId,
    /// What it signed in as.
    pub(super) appid: String,
    /// Always `app`: people have sessions.
    pub(super) idtyp: String,
    /// `1.0`: the form with `appid`.
    pub(super) ver: String,
    /// A machine's resource id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) xms_mirid: Option<String>,
    /// State of the principal that this was made for; another state voids it.
    pub(super) annex_stamp: i64,
    /// The secret that it was got with; void when that is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annex_secret: Option<SecretId>,
}

/// Who gets a token.
pub(super) struct Bearer {
    pub(super) principal: PrincipalId,
    pub(super) app: String,
    pub(super) resource_id: Option<String>,
    pub(super) stamp: Timestamp,
    pub(super) secret: Option<SecretId>,
}

impl Claims {
    /// For `bearer` from `now` on.
    pub(super) fn new(bearer: Bearer, audience: String, origin: &str, tenant: TenantId, now: Timestamp) -> Self {
        let now = now.millis().div_euclid(1000);
        Self {
            aud: audience,
            iss: token_issuer(origin, tenant),
            iat: now,
            nbf: now,
            exp: now + TOKEN_SECONDS,
            tid: tenant,
            oid: bearer.principal,
            sub: bearer.principal,
            appid: bearer.app,
            idtyp: "app".to_owned(),
            ver: "1.0".to_owned(),
            xms_mirid: bearer.resource_id,
            annex_stamp: bearer.stamp.millis(),
            annex_secret: bearer.secret,
        }
    }

    /// Is its time over?
    pub(super) fn expired(&self, now: Timestamp) -> bool {
        self.exp <= now.millis().div_euclid(1000)
    }
}

/// What the tenant is called as an issuer, for clients that reach this server at `origin`. Tokens and the OpenID
/// configuration say the same.
#[must_use]
pub fn token_issuer(origin: &str, tenant: TenantId) -> String {
    format!("{}/{tenant}/v2.0", origin.trim_end_matches('/'))
}
