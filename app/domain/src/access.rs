//! Programs that sign in, and roles that are given to people, programs and machines.
//!
//! ```text
//!  Installation { tenant, subscription }
//!    ServicePrincipal ── at most 2 secrets ──► token (1 h) ──┐
//!    machine ── its credential ──────────────► token (1 h) ──┼─► Actor, with the grants of its role assignments
//!    account ── its session ─────────────────────────────────┘
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    actor::Role,
    fault::Fault,
    ids::{AppId, PrincipalId, RoleAssignmentId, SecretId, SubscriptionId, TenantId},
    name::{ResourceGroupName, VmName},
    scope::Scope,
    timestamp::Timestamp,
};

/// Most secrets of a service principal at a time: one in use, one to change to.
pub const SECRETS_MOST: usize = 2;
/// Longest life of a secret, in days.
pub const SECRET_DAYS_MOST: u32 = 730;
/// Life of a secret that nobody chose one for, in days.
pub const SECRET_DAYS_USUAL: u32 = 180;
/// Characters of a secret that are kept to tell secrets apart.
pub const SECRET_HINT: usize = 3;
/// Life of an access token, in seconds.
pub const TOKEN_SECONDS: i64 = 3600;

/// What programs call this installation; made once, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The authority that signs tokens.
    pub tenant_id: TenantId,
    /// All its machines.
    pub subscription_id: SubscriptionId,
}

/// What a secret may be known by; the secret itself is kept as a hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretNote {
    /// Its id.
    pub id: SecretId,
    /// Its first characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A program that signs in by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePrincipal {
    /// Its object id: what role assignments name.
    pub id: PrincipalId,
    /// What it signs in as.
    pub app_id: AppId,
    /// Its name; unique without regard to case.
    pub name: String,
    /// False when it may not sign in; its tokens are void then.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it last got a token.
    pub last_sign_in_at: Option<Timestamp>,
    /// Its secrets, oldest first.
    pub secrets: Vec<SecretNote>,
}

impl SecretNote {
    /// When it stops working, as a date.
    pub fn expiry_date(&self) -> String {
        self.expires_at.rfc3339().chars().take(10).collect()
    }

    /// Whole days that it still works; negative when it has expired.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.expires_at.millis_since(now).div_euclid(86_400_000)
    }
}

impl ServicePrincipal {
    /// May it get another secret?
    ///
    /// Errors: `OperationNotAllowed`.
    pub fn another_secret(&self) -> Result<(), Fault> {
        if self.secrets.len() >= SECRETS_MOST {
            return Err(Fault::not_allowed(format!(
                "{} has {SECRETS_MOST} secrets, and that is the limit. Remove the one that is not used any more first.",
                self.name
            )));
        }
        Ok(())
    }

    /// The name under which the activity log shows what it does.
    pub fn actor_name(&self) -> String {
        format!("{} (service principal)", self.name)
    }
}

/// A secret that was just made: the only time that it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSecret {
    /// Whose it is, the new secret included.
    pub principal: ServicePrincipal,
    /// The secret itself. Leaves the server once, to whoever made it.
    pub secret: String,
    /// What the program names as its tenant.
    pub installation: Installation,
}

impl NewSecret {
    /// The lines that sign the Azure CLI in with this secret. `api`: the address of the API; `authority`: where the certificate
    /// authority is fetched that must be trusted, when the usual ones do not do.
    pub fn sign_in_lines(&self, api: &str, authority: Option<&str>) -> String {
        let trust = authority
            .map(|url| format!("curl -fsS -o annex-ca.pem {url}\nexport REQUESTS_CA_BUNDLE=\"$PWD/annex-ca.pem\"\n"));
        format!(
            "{trust}az cloud register -n annex --endpoint-resource-manager {api} --endpoint-active-directory {api}/adfs\n\
             az cloud set -n annex\n\
             az login --service-principal -u {app} -p {secret} --tenant {tenant}\n",
            trust = trust.unwrap_or_default(),
            app = self.principal.app_id,
            secret = self.secret,
            tenant = self.installation.tenant_id,
        )
    }
}

/// Checks a service principal's name: 1 to 64 letters, digits, spaces, `.`, `-`, `_`. Error: target `name`.
pub fn check_principal_name(name: &str) -> Result<(), Fault> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    let ok = !name.is_empty() && name.len() <= 64 && name.chars().all(good);
    ok.then_some(()).ok_or_else(|| {
        Fault::invalid(
            "name",
            "A service principal's name has 1 to 64 letters, digits, spaces, dots, hyphens or underscores.",
        )
    })
}

/// Checks how long a secret shall live. Error: target `days`.
pub fn check_secret_days(days: u32) -> Result<(), Fault> {
    if (1..=SECRET_DAYS_MOST).contains(&days) {
        return Ok(());
    }
    Err(Fault::invalid("days", format!("A secret lives 1 to {SECRET_DAYS_MOST} days.")))
}

/// What kind of thing a role is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PrincipalKind {
    /// A person's account.
    User,
    /// A program.
    ServicePrincipal,
    /// A machine that Annex manages, as itself (Azure: managed identity).
    Machine,
}

impl PrincipalKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::User, Self::ServicePrincipal, Self::Machine];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::Machine => "Machine",
        }
    }

    /// Azure's word: a machine's identity is a service principal there.
    pub const fn arm_word(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::ServicePrincipal | Self::Machine => "ServicePrincipal",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::User => "Account",
            Self::ServicePrincipal => "Service principal",
            Self::Machine => "Machine",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A role that was given to somebody at a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignment {
    /// Its id. That of an account's own role is the account's.
    pub id: RoleAssignmentId,
    /// Whom it was given to.
    pub principal: PrincipalId,
    /// What that is.
    pub kind: PrincipalKind,
    /// Its name; empty when it is gone.
    pub principal_name: String,
    /// What may be done.
    pub role: Role,
    /// Where.
    pub scope: Scope,
    /// Resource group and name of the machine, when the scope is one that is still there.
    pub scope_vm: Option<(ResourceGroupName, VmName)>,
    /// When it was given.
    pub created_at: Timestamp,
    /// Who gave it.
    pub created_by: String,
}

impl RoleAssignment {
    /// An account's own role is changed with the account, not as an assignment.
    pub fn is_own_role(&self) -> bool {
        self.kind == PrincipalKind::User && self.id.uuid() == self.principal.uuid()
    }

    /// Where it holds, in words.
    pub fn scope_label(&self) -> String {
        match &self.scope {
            Scope::Subscription => "Everything".to_owned(),
            Scope::ResourceGroup(name) => format!("Group {name}"),
            Scope::Vm(id) => match &self.scope_vm {
                Some((_, name)) => format!("Machine {name}"),
                None => format!("Machine {id}"),
            },
        }
    }
}

/// A role to be given: a put by its id, which may be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleOrder {
    /// Its id; without one, a new one.
    pub id: Option<RoleAssignmentId>,
    /// Whom to give it to.
    pub principal: PrincipalId,
    /// What may be done.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// Somebody or something that a role can be given to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its object id.
    pub id: PrincipalId,
    /// What it is.
    pub kind: PrincipalKind,
    /// Its name.
    pub name: String,
    /// A machine's resource group.
    pub group: Option<ResourceGroupName>,
}

/// What the page about programs and roles shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessView {
    /// Service principals by name.
    pub principals: Vec<ServicePrincipal>,
    /// Role assignments by principal.
    pub assignments: Vec<RoleAssignment>,
    /// Whom a role can be given to.
    pub candidates: Vec<Candidate>,
    /// Groups that there are.
    pub groups: Vec<ResourceGroupName>,
    /// The address that programs use, if the portal is served over TLS.
    pub api_url: Option<String>,
    /// The API's certificate comes from a private authority that programs must be told to trust.
    pub private_authority: bool,
    /// What programs call this installation.
    pub installation: Installation,
    /// Why the one who looks may not manage service principals.
    pub refusal: Option<Fault>,
    /// Whole days that each secret still works; negative when it has expired.
    pub days_left: BTreeMap<SecretId, i64>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn made() -> NewSecret {
        let at = |days: i64| Timestamp::from_millis(days * 86_400_000);
        let note = |id: u128| SecretNote {
            id: SecretId::new(Uuid::from_u128(id)),
            hint: "abc".into(),
            created_at: at(0),
            expires_at: at(30),
        };
        let principal = ServicePrincipal {
            id: PrincipalId::new(Uuid::from_u128(1)),
            app_id: AppId::new(Uuid::from_u128(2)),
            name: "ci".into(),
            enabled: true,
            created_at: at(0),
            created_by: "ana".into(),
            last_sign_in_at: None,
            secrets: vec![note(7), note(8)],
        };
        let installation = Installation {
            tenant_id: TenantId::new(Uuid::from_u128(3)),
            subscription_id: SubscriptionId::new(Uuid::from_u128(4)),
        };
        NewSecret { principal, secret: "s3cret".into(), installation }
    }

    #[test]
    fn the_lines_are_whole_and_ask_for_trust_only_where_it_is_needed() {
        let made = made();
        let lines = made.sign_in_lines("https://localhost:8443", Some("http://localhost:8080/ca.pem"));
        assert!(lines.starts_with("curl -fsS -o annex-ca.pem http://localhost:8080/ca.pem\n"), "{lines}");
        assert!(lines.contains("--endpoint-active-directory https://localhost:8443/adfs\n"), "{lines}");
        assert!(lines.ends_with(&format!("-p s3cret --tenant {}\n", made.installation.tenant_id)), "{lines}");
        assert!(!made.sign_in_lines("https://portal", None).contains("curl"));
    }

    #[test]
    fn two_secrets_are_the_limit_and_say_how_long_they_last() {
        let mut principal = made().principal;
        let refused = principal.another_secret().expect_err("two");
        assert!(refused.message.contains("has 2 secrets"), "{}", refused.message);
        principal.secrets.pop();
        assert_eq!(principal.another_secret(), Ok(()));
        let note = &principal.secrets[0];
        assert_eq!(note.expiry_date(), "1970-01-31");
        let after = |days: i64| note.days_left(Timestamp::from_millis(days * 86_400_000));
        assert_eq!([after(0), after(30), after(31)], [30, 0, -1]);
    }

    #[test]
    fn names_and_days_have_limits() {
        for bad in ["", "a/b", "é", &"x".repeat(65)] {
            assert!(check_principal_name(bad).is_err(), "{bad}");
        }
        assert_eq!(check_principal_name("deploy pipeline 2.0_x-y"), Ok(()));
        assert!(check_secret_days(0).is_err() && check_secret_days(SECRET_DAYS_MOST + 1).is_err());
    }
}
