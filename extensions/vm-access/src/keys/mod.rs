//! A user's `~/.ssh/authorized_keys`.
//!
//! The folder belongs to the user, who may put anything there at any moment, also a link to a file of root's. Root goes
//! there by open folders only and never through a link, and replaces the file instead of writing into it:
//!
//! ```text
//! home (its own, no link) ─► .ssh (its own, no link, 0700) ─► authorized_keys (a file of its own, one name)
//!                                                               ▲ rename ─ new file, 0600
//! ```

mod form;

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;

use handler_sdk::account::Account;
use handler_sdk::tool;
use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid, fchmod, fchown, fstat, mkdirat, openat, renameat, unlinkat,
};
use rustix::io::Errno;

use crate::codes;
use crate::failure::Failure;

const FILE: &str = "authorized_keys";
/// A file that somebody filled up is not read to its end.
const LARGEST: u64 = 1 << 20;

/// Adds `key`, in whatever form it is, to the keys of `account`, or puts it in their place; says what changed.
///
/// # Errors
/// When it is no public key, or the folder or file is not the user's own.
pub fn install(account: &Account, key: &str, alone: bool) -> Result<String, Failure> {
    let keys = form::to_openssh(key)?;
    let ssh = open_folder(account)?;
    let former = read(&ssh, account)?;
    let had = |line: &String| former.lines().any(|other| form::is_same(line, other));
    let new = keys.iter().filter(|line| !had(line)).count();
    let text = match alone {
        true => keys.iter().map(|line| format!("{line}\n")).collect(),
        false => {
            let mut text = former.clone();
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            keys.iter().filter(|line| !had(line)).for_each(|line| text.push_str(&format!("{line}\n")));
            text
        }
    };
    write(&ssh, account, &text)?;
    label(account);
    let name = &account.name;
    Ok(match (alone, new) {
        (true, _) => format!("{name} has {}, and no other", count(keys.len())),
        (false, 0) => format!("{name} had this key already"),
        (false, new) => format!("{name} has {} more", count(new)),
    })
}

fn count(keys: usize) -> String {
    if keys == 1 { "1 key".to_owned() } else { format!("{keys} keys") }
}

fn unsafe_place(account: &Account, what: &str) -> Failure {
    let Account { name, home, .. } = account;
    Failure::new(
        codes::KEYS,
        format!("{what} in the home of {name} ({home}); the key was not written. Put that right on the machine"),
    )
}

fn system(error: Errno) -> Failure {
    Failure::system("the key cannot be written", &error.into())
}

/// The user's folder for keys, made when it is not there.
fn open_folder(account: &Account) -> Result<File, Failure> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let home = match openat(CWD, Path::new(&account.home), flags, Mode::empty()) {
        Ok(home) => home,
        Err(Errno::NOENT) => return Err(unsafe_place(account, "there is no folder")),
        Err(Errno::LOOP | Errno::NOTDIR) => return Err(unsafe_place(account, "a link or a file stands")),
        Err(error) => return Err(system(error)),
    };
    own(&home, account).map_err(|()| unsafe_place(account, "somebody else owns the folder"))?;
    match mkdirat(&home, ".ssh", Mode::from_raw_mode(0o700)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(system(error)),
    }
    let ssh = match openat(&home, ".ssh", flags, Mode::empty()) {
        Ok(ssh) => ssh,
        Err(Errno::LOOP | Errno::NOTDIR) => return Err(unsafe_place(account, ".ssh is a link or a file")),
        Err(error) => return Err(system(error)),
    };
    own(&ssh, account).map_err(|()| unsafe_place(account, "somebody else owns .ssh"))?;
    fchown(&ssh, Some(Uid::from_raw(account.uid)), Some(Gid::from_raw(account.gid))).map_err(system)?;
    fchmod(&ssh, Mode::from_raw_mode(0o700)).map_err(system)?;
    Ok(File::from(ssh))
}

/// Root may have made it for the user.
fn own(file: impl AsFd, account: &Account) -> Result<(), ()> {
    fstat(file).ok().filter(|data| data.st_uid == account.uid || data.st_uid == 0).map(|_| ()).ok_or(())
}

fn read(ssh: &File, account: &Account) -> Result<String, Failure> {
    // not waiting: it could be a pipe
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(ssh, FILE, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(String::new()),
        Err(Errno::LOOP) => return Err(unsafe_place(account, ".ssh/authorized_keys is a link")),
        Err(error) => return Err(system(error)),
    };
    own(&file, account).map_err(|()| unsafe_place(account, "somebody else owns .ssh/authorized_keys"))?;
    let data = fstat(&file).map_err(system)?;
    if FileType::from_raw_mode(data.st_mode) != FileType::RegularFile || data.st_nlink != 1 {
        return Err(unsafe_place(account, ".ssh/authorized_keys is not a file of its own"));
    }
    let mut bytes = Vec::new();
    let read = File::from(file).take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::system("the present keys cannot be read", &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unsafe_place(account, ".ssh/authorized_keys is larger than 1 MiB"));
    }
    // what is no text is no key, and stays out of the new file
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(ssh: &File, account: &Account, text: &str) -> Result<(), Failure> {
    let temporary = format!(".{FILE}.{}", std::process::id());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // a leftover of a killed process that had our id
    let _ = unlinkat(ssh, &temporary, AtFlags::empty());
    let written = || -> io::Result<()> {
        let mut file = File::from(openat(ssh, &temporary, flags, Mode::from_raw_mode(0o600))?);
        fchown(&file, Some(Uid::from_raw(account.uid)), Some(Gid::from_raw(account.gid)))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        renameat(ssh, &temporary, ssh, FILE)?;
        Ok(())
    };
    written().map_err(|error| {
        let _ = unlinkat(ssh, &temporary, AtFlags::empty());
        Failure::system("the key cannot be written", &error)
    })
}

/// Under SELinux an SSH server reads only files with the right label.
fn label(account: &Account) {
    if Path::new("/sys/fs/selinux/enforce").exists() {
        // without that program there are no labels to put right
        let _ = tool::run("restorecon", &["-R", &format!("{}/.ssh", account.home)], b"");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ana@example.org";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

    fn account(home: &Path) -> Account {
        let data = fs::metadata(home).unwrap();
        Account {
            name: "ana".into(),
            uid: data.uid(),
            gid: data.gid(),
            home: home.display().to_string(),
            shell: "/bin/sh".into(),
        }
    }

    #[test]
    fn keys_are_added_once_and_others_stay_until_they_shall_not() {
        let home = tempfile::tempdir().unwrap();
        let account = account(home.path());
        let file = home.path().join(".ssh/authorized_keys");
        assert_eq!(install(&account, OTHER, false).unwrap(), "ana has 1 key more");
        fs::write(&file, format!("# mine\n{OTHER}")).unwrap();
        assert_eq!(install(&account, KEY, false).unwrap(), "ana has 1 key more");
        assert_eq!(
            install(&account, &format!("{} another name", &KEY[..KEY.rfind(' ').unwrap()]), false).unwrap(),
            "ana had this key already"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("# mine\n{OTHER}\n{KEY}\n"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(home.path().join(".ssh")).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(install(&account, KEY, true).unwrap(), "ana has 1 key, and no other");
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("{KEY}\n"));
        assert_eq!(fs::read_dir(home.path().join(".ssh")).unwrap().count(), 1, "something is left over");
    }

    #[test]
    fn no_link_is_followed() {
        let victim = tempfile::tempdir().unwrap();
        let target = victim.path().join("shadow");
        fs::write(&target, "secret").unwrap();
        for trap in ["home", "folder", "file", "hard link", "pipe"] {
            let home = tempfile::tempdir().unwrap();
            let mut account = account(home.path());
            let ssh = home.path().join(".ssh");
            match trap {
                "home" => {
                    let link = victim.path().join("link");
                    symlink(home.path(), &link).unwrap();
                    account.home = link.display().to_string();
                }
                "folder" => symlink(victim.path(), &ssh).unwrap(),
                kind => {
                    fs::create_dir(&ssh).unwrap();
                    let file = ssh.join(FILE);
                    match kind {
                        "file" => symlink(&target, &file).unwrap(),
                        "hard link" => fs::hard_link(&target, &file).unwrap(),
                        _ => assert!(tool::run("mkfifo", &[file.to_str().unwrap()], b"").unwrap().is_good()),
                    }
                }
            }
            let failure = install(&account, KEY, false).expect_err(trap);
            assert_eq!(failure.code, codes::KEYS, "{trap}: {failure}");
            assert!(failure.message.contains("the key was not written"), "{trap}: {failure}");
            assert_eq!(fs::read_to_string(&target).unwrap(), "secret");
        }
        assert!(!victim.path().join(FILE).exists());
    }
}
