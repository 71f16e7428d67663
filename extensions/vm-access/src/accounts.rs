//! Creating, changing and removing users, by the machine's own programs.

use std::fs;
use std::path::Path;

use handler_sdk::account::Account;
use handler_sdk::tool;

use crate::codes;
use crate::failure::Failure;
use crate::password;
use crate::settings::User;

/// Where people's accounts begin when the machine does not say.
const UID_MIN: u32 = 1000;
/// `userdel`: there is no such user.
const NO_SUCH_USER: i32 = 6;
/// `userdel`: the home could not be removed.
const HOME_STAYS: i32 = 12;

/// Makes the user if it is not there, and sets its expiry; says what changed.
///
/// # Errors
/// For the system's own users, for a new user without password and key, and when the machine refuses.
pub fn ensure(user: &User) -> Result<(Account, String), Failure> {
    let name = &user.name;
    let is_there = match Account::find(name) {
        Some(account) => {
            refuse_reserved(&account)?;
            true
        }
        None => false,
    };
    let expiry = user.expiration.as_deref();
    let said = match (is_there, expiry) {
        (true, Some(day)) => {
            run("usermod", &["--expiredate", day, name])?;
            format!("{name} expires on {day}")
        }
        (true, None) => format!("{name} exists already"),
        (false, _) => create(user)?,
    };
    let account = Account::find(name)
        .ok_or_else(|| Failure::new(codes::USER, format!("the machine does not know {name} after it was created")))?;
    Ok((account, said))
}

fn create(user: &User) -> Result<String, Failure> {
    let name = user.name.as_str();
    if user.password.is_none() && user.key.is_none() {
        return Err(Failure::new(
            codes::SETTINGS,
            format!("No password or ssh_key is specified for the new user {name}"),
        ));
    }
    let shell = if Path::new("/bin/bash").exists() { "/bin/bash" } else { "/bin/sh" };
    let mut arguments = vec!["--create-home", "--shell", shell];
    if let Some(day) = &user.expiration {
        arguments.extend(["--expiredate", day.as_str()]);
    }
    arguments.push(name);
    run("useradd", &arguments)?;
    if user.password.is_none() {
        // a new account is locked, and SSH servers refuse keys of locked accounts
        password::set_hash(name, password::NO_PASSWORD)?;
    }
    Ok(match &user.expiration {
        Some(day) => format!("{name} was created and expires on {day}"),
        None => format!("{name} was created"),
    })
}

/// Removes a user with its home; says what changed. A user that is not there is no failure.
///
/// # Errors
/// For the system's own users, and when the machine refuses.
pub fn remove(name: &str) -> Result<String, Failure> {
    let Some(account) = Account::find(name) else { return Ok(format!("{name} is not on this machine")) };
    refuse_reserved(&account)?;
    let answer = tool::run("userdel", &["--force", "--remove", name], b"")
        .map_err(|error| Failure::new(codes::USER, error.to_string()))?;
    match answer.code {
        Some(0) => Ok(format!("{name} was removed with its home")),
        Some(NO_SUCH_USER) => Ok(format!("{name} is not on this machine")),
        Some(HOME_STAYS) if Account::find(name).is_none() => Ok(format!("{name} was removed; its home stays")),
        _ => Err(Failure::new(codes::USER, format!("{name} cannot be removed: {}", answer.words()))),
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), Failure> {
    let answer = tool::run(program, arguments, b"").map_err(|error| Failure::new(codes::USER, error.to_string()))?;
    if answer.is_good() {
        return Ok(());
    }
    Err(Failure::new(codes::USER, format!("{program} refuses: {}", answer.words())))
}

fn refuse_reserved(account: &Account) -> Result<(), Failure> {
    let least = uid_min(&fs::read_to_string("/etc/login.defs").unwrap_or_default());
    if account.uid >= least {
        return Ok(());
    }
    let words = format!(
        "{} is one of the system's own users (number {}, below {least}) and is left alone; choose another user",
        account.name, account.uid
    );
    Err(Failure::new(codes::RESERVED_USER, words))
}

fn uid_min(login_defs: &str) -> u32 {
    let stated = login_defs.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("UID_MIN")).then(|| words.next()?.parse().ok()).flatten()
    });
    stated.unwrap_or(UID_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_says_where_people_begin() {
        assert_eq!(uid_min("# UID_MIN 5\nSYS_UID_MIN 100\nUID_MIN\t\t 500\nUID_MAX 60000"), 500);
        assert_eq!(uid_min(""), UID_MIN);
        assert_eq!(uid_min("UID_MIN x"), UID_MIN);
    }

    #[test]
    fn the_systems_own_users_are_left_alone() {
        for name in ["root", "daemon"] {
            assert_eq!(remove(name).unwrap_err().code, codes::RESERVED_USER);
        }
        assert!(remove("no-such-user-here").unwrap().contains("not on this machine"));
    }
}
