//! Password files of a machine: the same accounts as on the host, none of their passwords.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

/// Rewrites `/etc/shadow` and `/etc/gshadow`; makes them from passwd and group where they could not be read.
pub(super) fn lock_passwords(etc: &Path) -> io::Result<()> {
    for (secret, public, fresh) in [("shadow", "passwd", ":*:20000:0:99999:7:::"), ("gshadow", "group", ":*::")] {
        let path = etc.join(secret);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text.lines().map(without_password).collect(),
            Err(_) => {
                let names = fs::read_to_string(etc.join(public))?;
                names
                    .lines()
                    .filter_map(|line| Some(format!("{}{fresh}\n", line.split(':').next()?)))
                    .collect::<String>()
            }
        };
        replace(&path, &text)?;
        // The copies that the account tools keep hold passwords as well.
        remove(&etc.join(format!("{secret}-")))?;
    }
    Ok(())
}

/// Removes what proves to others that they talk to this host.
pub(super) fn remove_host_keys(etc: &Path) -> io::Result<()> {
    for folder in ["ssh", "ssl/private"] {
        for entry in fs::read_dir(etc.join(folder)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let secret = folder != "ssh" || name.to_string_lossy().starts_with("ssh_host_");
            if secret && entry.file_type().is_ok_and(|kind| !kind.is_dir()) {
                remove(&entry.path())?;
            }
        }
    }
    remove(&etc.join("krb5.keytab"))
}

fn without_password(line: &str) -> String {
    let mut fields: Vec<&str> = line.split(':').collect();
    if let Some(password) = fields.get_mut(1) {
        *password = "*";
    }
    fields.join(":") + "\n"
}

/// Writes a new file in place of whatever is there, readable for root alone.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    remove(path)?;
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// Removes a file; none is fine.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_the_host_gets_in() {
        let etc = tempfile::tempdir().expect("folder");
        fs::write(etc.path().join("shadow"), "root:$y$secret:1:0:9:7:::\nann:!:1::::::\n").expect("write");
        fs::write(etc.path().join("shadow-"), "root:$y$older:1:0:9:7:::\n").expect("write");
        fs::write(etc.path().join("group"), "root:x:0:\nwheel:x:10:ann\n").expect("write");
        lock_passwords(etc.path()).expect("locked");
        let read = |name| fs::read_to_string(etc.path().join(name)).unwrap_or_default();
        assert_eq!(read("shadow"), "root:*:1:0:9:7:::\nann:*:1::::::\n");
        assert_eq!(read("shadow-"), "");
        assert_eq!(read("gshadow"), "root:*::\nwheel:*::\n");
    }

    #[test]
    fn host_keys_stay_outside() {
        let etc = tempfile::tempdir().expect("folder");
        fs::create_dir_all(etc.path().join("ssl/private")).expect("folder");
        fs::create_dir_all(etc.path().join("ssh")).expect("folder");
        for name in ["ssh/ssh_host_rsa_key", "ssh/sshd_config", "ssl/private/web.key"] {
            fs::write(etc.path().join(name), "x").expect("write");
        }
        remove_host_keys(etc.path()).expect("removed");
        let there = |name: &str| etc.path().join(name).exists();
        assert!(there("ssh/sshd_config") && !there("ssh/ssh_host_rsa_key") && !there("ssl/private/web.key"));
    }
}
