//! Running a script as somebody else.
//!
//! ```text
//! root: run.rs ─► /run/annex-run-command/<seq>/script, owned by the user
//!          └─► this program again, `as-user` ─► groups, gid, uid ─► the user's home ─► interpreter
//! ```
//!
//! Nobody's password is needed, since the handler is root. The folder lies where root alone makes names, so that no link
//! of the user's leads root elsewhere, and in memory, so that nothing of it outlasts a power cut.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use handler_sdk::account::Account;
use rustix::fs::{Gid, Uid};

use crate::codes;
use crate::failure::Failure;

/// The word on the command line for the step between root and the user.
pub const WORD: &str = "as-user";
/// Holds one folder for each run as another user.
const BASE: &str = "/run/annex-run-command";

/// An account that this process can become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(Account);

impl User {
    /// Looks `name` up.
    ///
    /// # Errors
    /// When there is no such user, or this process may not become it.
    pub fn find(name: &str) -> Result<Self, Failure> {
        let Some(account) = Account::find(name) else {
            let words = format!("There is no user {name:?} on this machine. Create it, or choose another runAsUser.");
            return Err(Failure::new(codes::NO_USER, words));
        };
        if !rustix::process::geteuid().is_root() {
            let words = "The handler does not run as root, so it cannot become another user.";
            return Err(Failure::new(codes::NO_USER, words));
        }
        Ok(Self(account))
    }

    /// The command that runs `program` as this user, in its home.
    ///
    /// # Errors
    /// When this program does not find itself any more.
    pub fn command(&self, program: &Path) -> io::Result<Command> {
        let Account { name, uid, gid, home, shell } = &self.0;
        let groups: Vec<String> = self.0.groups().iter().map(ToString::to_string).collect();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args([WORD, &uid.to_string(), &gid.to_string(), &groups.join(","), home])
            .arg(program)
            .env("HOME", home)
            .env("USER", name)
            .env("LOGNAME", name)
            .env("SHELL", shell);
        Ok(command)
    }

    /// Writes `script` where this user, and nobody else, can read it.
    ///
    /// # Errors
    /// When the disk refuses, or the place is not root's own.
    pub fn place(&self, stem: &str, script: &[u8]) -> io::Result<PathBuf> {
        remove_folder(stem)?;
        let base = Path::new(BASE);
        match DirBuilder::new().mode(0o711).create(base) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let there = fs::symlink_metadata(base)?;
        if !there.is_dir() || there.uid() != 0 || there.mode() & 0o022 != 0 {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{BASE} is not root's own folder")));
        }
        let folder = base.join(stem);
        DirBuilder::new().mode(0o700).create(&folder)?;
        let path = folder.join("script");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o500).open(&path)?;
        file.write_all(script)?;
        chown(&path, Some(self.0.uid), Some(self.0.gid))?;
        chown(&folder, Some(self.0.uid), Some(self.0.gid))?;
        Ok(path)
    }
}

/// Removes what [`User::place`] made.
///
/// # Errors
/// When the disk refuses; nothing to remove is none.
pub fn remove_folder(stem: &str) -> io::Result<()> {
    match fs::remove_dir_all(Path::new(BASE).join(stem)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The step between: gives root's rights up and becomes the program. Returns only when that fails, with the reason.
#[must_use]
pub fn become_and_run(arguments: &[String]) -> String {
    let [uid, gid, groups, home, program, rest @ ..] = arguments else { return "nobody to become".to_owned() };
    if let Err(error) = give_up_rights(uid, gid, groups) {
        return format!("cannot become user {uid}: {error}");
    }
    // as login does for a user without a home
    if std::env::set_current_dir(home).is_err() && std::env::set_current_dir("/").is_err() {
        return "cannot enter any folder".to_owned();
    }
    format!("cannot run {program}: {}", Command::new(program).args(rest).exec())
}

/// The process has one thread, so what holds for the thread holds for the whole.
fn give_up_rights(uid: &str, gid: &str, groups: &str) -> io::Result<()> {
    let number = |text: &str| text.parse::<u32>().map_err(io::Error::other);
    let groups: Vec<Gid> =
        groups.split(',').map(|group| number(group).map(Gid::from_raw)).collect::<io::Result<_>>()?;
    rustix::thread::set_thread_groups(&groups)?;
    let (uid, gid) = (Uid::from_raw(number(uid)?), Gid::from_raw(number(gid)?));
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid)?;
    Ok(())
}
