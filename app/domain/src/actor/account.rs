//! People's accounts.

use serde::{Deserialize, Serialize};

use super::Role;
use crate::{fault::Fault, ids::AccountId};

/// One account as the access page lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name people sign in with.
    pub name: String,
    /// What it may do in the whole subscription.
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
