//! The SSH server's configuration: kept, changed, tested, and only then put in its place.
//!
//! ```text
//! sshd_config ─► kept once in /var/cache/vmaccess/backup
//!      │  └─ prepare ─ allow_passwords ─► wanted text ── sshd -t ── refused: nothing changes
//!      │                                                   └─ good ─► in place ─► restart ── fails: the former text again
//!      └─ restore ◄── kept text, which is deleted when it is in place
//! ```

mod firewall;
mod service;
mod text;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use handler_sdk::atomic::{self, Durability};
use handler_sdk::tool;

use crate::codes;
use crate::failure::Failure;

const FOLDER: &str = "/etc/ssh";
const CONFIG: &str = "/etc/ssh/sshd_config";
const CLOUD_INIT: &str = "/etc/ssh/sshd_config.d/50-cloud-init.conf";
const BACKUPS: &str = "/var/cache/vmaccess";
const BACKUP: &str = "/var/cache/vmaccess/backup";

/// One file of the configuration: what it says, and what it shall say.
struct Config {
    path: &'static str,
    former: Option<String>,
    wanted: Option<String>,
}

impl Config {
    fn open(path: &'static str) -> Result<Self, Failure> {
        let former = match fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::system(path, &error)),
        };
        Ok(Self { path, wanted: former.clone(), former })
    }

    fn is_changed(&self) -> bool {
        self.wanted != self.former
    }

    /// Whoever may read it now may read it afterwards.
    fn mode(&self) -> u32 {
        fs::metadata(self.path).map_or(0o600, |data| data.permissions().mode() & 0o777)
    }

    fn put(&self, text: Option<&str>) -> Result<(), Failure> {
        match text {
            Some(text) => atomic::write(Path::new(self.path), text.as_bytes(), self.mode(), Durability::Synced),
            None => fs::remove_file(self.path),
        }
        .map_err(|error| Failure::system(self.path, &error))
    }
}

/// The machine's SSH server; nothing changes before [`Server::apply`].
pub struct Server {
    program: Option<PathBuf>,
    default: PathBuf,
    main: Config,
    cloud_init: Config,
    said: Vec<String>,
    backup_ends: bool,
    opens_port: bool,
}

impl Server {
    /// Reads the present configuration; the package at `root` holds the one that a reset puts in its place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        Ok(Self {
            program: tool::find("sshd"),
            default: root.join("sshd_config"),
            main: Config::open(CONFIG)?,
            cloud_init: Config::open(CLOUD_INIT)?,
            said: Vec::new(),
            backup_ends: false,
            opens_port: false,
        })
    }

    fn is_absent(&self) -> bool {
        self.program.is_none() && self.main.former.is_none()
    }

    /// Keeps the present configuration, once; takes the way in away that asks for answers instead of a password or a
    /// key; and with `reset` starts from the package's configuration.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn prepare(&mut self, reset: bool) -> Result<(), Failure> {
        if self.is_absent() {
            if reset {
                self.said.push("there is no SSH server on this machine, so there was nothing to reset".to_owned());
            }
            return Ok(());
        }
        self.keep()?;
        if reset {
            let text = fs::read_to_string(&self.default).map_err(|error| {
                Failure::new(codes::DAMAGED, format!("{} cannot be read: {error}", self.default.display()))
            })?;
            self.main.wanted = Some(text);
            self.opens_port = true;
            self.said.push("the configuration was replaced by one that works; the former one is kept".to_owned());
        } else if let Some(present) = &self.main.wanted {
            self.main.wanted = Some(text::without_challenges(present));
        }
        Ok(())
    }

    fn keep(&self) -> Result<(), Failure> {
        let Some(present) = self.main.former.as_ref().filter(|_| !Path::new(BACKUP).exists()) else { return Ok(()) };
        atomic::private_folder(Path::new(BACKUPS))
            .and_then(|()| atomic::write(Path::new(BACKUP), present.as_bytes(), 0o600, Durability::Synced))
            .map_err(|error| Failure::system(BACKUP, &error))
    }

    /// Puts the kept configuration back.
    ///
    /// # Errors
    /// When none is kept.
    pub fn restore(&mut self) -> Result<(), Failure> {
        let kept = fs::read_to_string(BACKUP).map_err(|_| {
            Failure::new(
                codes::SSH,
                "no former configuration of the SSH server is kept on this machine, so none can be restored",
            )
        })?;
        self.main.wanted = Some(kept);
        self.backup_ends = true;
        self.said.push("the former configuration was restored".to_owned());
        Ok(())
    }

    /// Lets people in by password.
    pub fn allow_passwords(&mut self) {
        for config in [&mut self.main, &mut self.cloud_init] {
            config.wanted = config.wanted.take().map(|present| text::with_passwords(&present));
        }
    }

    /// Tests and puts in place what is wanted; says what changed.
    ///
    /// # Errors
    /// When the server refuses the configuration or does not start with it; then everything is as before.
    pub fn apply(mut self) -> Result<Vec<String>, Failure> {
        let changed: Vec<&Config> =
            [&self.main, &self.cloud_init].into_iter().filter(|config| config.is_changed()).collect();
        if !changed.is_empty() {
            if self.said.is_empty() {
                let names: Vec<&str> = changed.iter().map(|config| config.path).collect();
                self.said.push(format!("{} was brought up to date", names.join(" and ")));
            }
            self.test()?;
            self.put()?;
        }
        if self.opens_port
            && let Some(words) = firewall::open_port()
        {
            self.said.push(words);
        }
        if self.backup_ends {
            fs::remove_file(BACKUP).map_err(|error| Failure::system(BACKUP, &error))?;
        }
        Ok(self.said)
    }

    /// Asks the server about the main file before it is one. Of a single file of `sshd_config.d` it cannot be asked.
    fn test(&self) -> Result<(), Failure> {
        let (Some(_), Some(text)) = (&self.program, &self.main.wanted) else { return Ok(()) };
        let candidate = Path::new(FOLDER).join(format!(".sshd_config.{}.tmp", std::process::id()));
        atomic::write(&candidate, text.as_bytes(), 0o600, Durability::Ordinary)
            .map_err(|error| Failure::system(candidate.display(), &error))?;
        let answer = service::test(&candidate);
        // a leftover of ours would only be litter
        let _ = fs::remove_file(&candidate);
        match answer {
            Ok(answer) if answer.is_good() => Ok(()),
            Ok(answer) => Err(Failure::new(
                codes::SSH,
                format!("the SSH server refuses the new configuration, so the former one stays: {}", answer.words()),
            )),
            Err(error) => Err(Failure::system("sshd", &error)),
        }
    }

    fn put(&mut self) -> Result<(), Failure> {
        let configs = [&self.main, &self.cloud_init];
        let changed = || configs.into_iter().filter(|config| config.is_changed());
        let placed = changed()
            .try_for_each(|config| config.put(config.wanted.as_deref()))
            .and_then(|()| if self.program.is_some() { service::restart() } else { Ok(service::NOT_THERE) });
        match placed {
            Ok(words) => {
                self.said.push(words.to_owned());
                Ok(())
            }
            Err(failure) => {
                changed().try_for_each(|config| config.put(config.former.as_deref()))?;
                // it ran with the former one before
                let _ = service::restart();
                Err(Failure::new(failure.code, format!("{failure}; the former configuration is in place again")))
            }
        }
    }
}
