//! Setting a password without anybody seeing it: hashed here, and only the hash goes to `chpasswd`, by its input.

use handler_sdk::tool;
use sha_crypt::{PasswordHasher, ShaCrypt};
use zeroize::Zeroizing;

use crate::codes;
use crate::failure::Failure;

/// 96 bits, which is what the sixteen letters hold that `crypt` reads of a salt.
const SALT_BYTES: usize = 12;
/// No password has this hash, and an account with it is not locked: keys work.
pub const NO_PASSWORD: &str = "*";

/// Gives `user` the password.
///
/// # Errors
/// When the machine has no randomness, or `chpasswd` refuses.
pub fn set(user: &str, password: &str) -> Result<(), Failure> {
    set_hash(user, &hash(password)?)
}

/// Gives `user` this hash.
///
/// # Errors
/// When `chpasswd` refuses.
pub fn set_hash(user: &str, hash: &str) -> Result<(), Failure> {
    let line = Zeroizing::new(format!("{user}:{hash}\n"));
    let refused = |why: String| Failure::new(codes::PASSWORD, format!("the password of {user} cannot be set: {why}"));
    match tool::run("chpasswd", &["-e"], line.as_bytes()) {
        Ok(answer) if answer.is_good() => Ok(()),
        // it does not repeat its input, but nothing that it says is worth the risk
        Ok(answer) => Err(refused(answer.words().replace(hash, "…"))),
        Err(error) => Err(refused(error.to_string())),
    }
}

/// The SHA-512 hash of a password as `crypt` writes it.
fn hash(password: &str) -> Result<String, Failure> {
    let mut salt = [0; SALT_BYTES];
    let mut filled = 0;
    while filled < salt.len() {
        filled += rustix::rand::getrandom(&mut salt[filled..], rustix::rand::GetRandomFlags::empty())
            .map_err(|error| Failure::system("the machine has no randomness", &error.into()))?;
    }
    let hash = ShaCrypt::SHA512
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| Failure::new(codes::PASSWORD, format!("the password cannot be hashed: {error}")))?;
    Ok(hash.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_own_crypt_makes_the_same_hash() {
        for password in ["correct-horse", "ä ö €", &"x".repeat(200)] {
            let hash = hash(password).unwrap();
            assert!(hash.starts_with("$6$"), "{hash}");
            assert_ne!(hash, super::hash(password).unwrap(), "each hash has a salt of its own");
            let script = "binmode STDIN; local $/; my ($p, $h) = split /\\0/, <STDIN>; print crypt($p, $h)";
            match tool::run("perl", &["-e", script], format!("{password}\0{hash}").as_bytes()) {
                Ok(answer) => assert_eq!(answer.stdout, hash),
                Err(error) => eprintln!("skipped: {error}"),
            }
        }
    }
}
