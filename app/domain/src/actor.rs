//! Who is asking, and what that person may do.

use serde::{Deserialize, Serialize};

use crate::{fault::Fault, ids::AccountId};

/// What an account may do. Each role includes the ones below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Sees everything but secrets.
    Reader,
    /// Also changes machines and extensions.
    Contributor,
    /// Also manages accounts, packages, enrolment and the lab.
    Owner,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Self; 3] = [Self::Reader, Self::Contributor, Self::Owner];

    /// ARM's word for the role.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reader => "Reader",
            Self::Contributor => "Contributor",
            Self::Owner => "Owner",
        }
    }

    /// One sentence for the page where roles are given.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Reader => "Sees machines, extensions, operations and activity. Changes nothing.",
            Self::Contributor => "Also installs, changes and removes extensions. On a machine that means root.",
            Self::Owner => "Also manages accounts, packages, enrolment and lab machines.",
        }
    }

    /// Reads the label back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.label().eq_ignore_ascii_case(text))
    }
}

/// Something a person may or may not do. The button and the use case ask the same question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// Look at machines, extensions, operations, activity, marketplace.
    Read,
    /// Install, change, run again, update, roll back and remove extensions; cancel operations.
    ChangeExtensions,
    /// Start, stop, restart, tag machines.
    ChangeMachines,
    /// Register, enrol and remove machines; lab machines included.
    ManageMachines,
    /// Publish packages.
    PublishPackages,
    /// Create accounts, give roles, disable accounts.
    ManageAccounts,
}

impl Permission {
    /// The weakest role that has this permission.
    pub const fn least_role(self) -> Role {
        match self {
            Self::Read => Role::Reader,
            Self::ChangeExtensions | Self::ChangeMachines => Role::Contributor,
            Self::ManageMachines | Self::PublishPackages | Self::ManageAccounts => Role::Owner,
        }
    }

    /// What is done, as it follows "You may not".
    pub const fn verb_phrase(self) -> &'static str {
        match self {
            Self::Read => "look at this",
            Self::ChangeExtensions => "change extensions",
            Self::ChangeMachines => "change machines",
            Self::ManageMachines => "add or remove machines",
            Self::PublishPackages => "publish packages",
            Self::ManageAccounts => "manage accounts",
        }
    }
}

/// Who is asking: the first argument of every use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account; `None` for Annex itself (reconcilers, first start).
    pub account: Option<AccountId>,
    /// Name as shown in the activity log.
    pub name: String,
    /// What the actor may do.
    pub role: Role,
}

impl Actor {
    /// Annex acting by itself: on start, on a timer.
    pub fn system() -> Self {
        Self { account: None, name: "Annex".into(), role: Role::Owner }
    }

    /// Whether the actor has `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        self.role >= permission.least_role()
    }

    /// Error: `AuthorizationFailed`, naming the role that would suffice.
    pub fn require(&self, permission: Permission) -> Result<(), Fault> {
        if self.may(permission) {
            return Ok(());
        }
        Err(Fault::forbidden(format!(
            "You may not {}: that takes the role {}, and yours is {}. An Owner of this portal can change it.",
            permission.verb_phrase(),
            permission.least_role().label(),
            self.role.label()
        )))
    }
}

/// One account as the access page lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name people sign in with.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// False when it may not sign in.
    pub enabled: bool,
    /// When it was made.
    pub created_at: crate::timestamp::Timestamp,
    /// When somebody last signed in with it.
    pub last_sign_in_at: Option<crate::timestamp::Timestamp>,
}

/// Shortest password accepted, in characters (ASVS 5.0, 6.2.1 asks for at least 8).
pub const PASSWORD_SHORTEST: usize = 10;
/// Longest password accepted, in bytes: argon2 work is bounded by it.
pub const PASSWORD_LONGEST: usize = 256;

/// Checks a new account name: 1 to 64 letters, digits, `.`, `-`, `_`, `@`. Error: target `name`.
pub fn check_account_name(name: &str) -> Result<(), Fault> {
    let ok = !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'));
    ok.then_some(()).ok_or_else(|| {
        Fault::invalid("name", "An account name has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs.")
    })
}

/// Checks a new password: length only, as current guidance asks. Error: target `password`.
pub fn check_password(password: &str) -> Result<(), Fault> {
    if password.chars().count() < PASSWORD_SHORTEST {
        return Err(Fault::invalid("password", format!("Use at least {PASSWORD_SHORTEST} characters.")));
    }
    if password.len() > PASSWORD_LONGEST {
        return Err(Fault::invalid("password", format!("Use at most {PASSWORD_LONGEST} bytes.")));
    }
    Ok(())
}
