//! Keys that are not in the database: one seals protected settings, one signs packages.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use ed25519_dalek::{Signer, SigningKey};

use crate::{Error, context::Ids, secrets::Sealer};

/// The keys of this installation.
pub(crate) struct Keys {
    pub(crate) sealer: Sealer,
    signing: SigningKey,
}

impl Keys {
    /// Loads the keys, making them on first use (folder 0700, files 0600).
    pub(crate) fn open(dir: &Path, ids: &dyn Ids) -> Result<Self, Error> {
        let failed = |e: std::io::Error| Error::internal(&format!("keys folder {}", dir.display()), &e);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
        let sealing = load_or_make(&dir.join("sealing.key"), ids).map_err(failed)?;
        let signing = load_or_make(&dir.join("package-signing.key"), ids).map_err(failed)?;
        Ok(Self { sealer: Sealer::new(&sealing), signing: SigningKey::from_bytes(&signing) })
    }

    /// The public key that machines check packages with.
    pub(crate) fn package_key(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// Signs a package: type, version and hash, so that none can be exchanged for another.
    pub(crate) fn sign_package(&self, handler: &str, version: &str, sha256: &str) -> [u8; 64] {
        let message = format!("annex-package-v1\n{handler}\n{version}\n{sha256}\n");
        self.signing.sign(message.as_bytes()).to_bytes()
    }
}

/// 32 bytes from a file; made whole or not at all.
fn load_or_make(path: &Path, ids: &dyn Ids) -> std::io::Result<[u8; 32]> {
    if !path.exists() {
        let mut key = [0; 32];
        ids.random(&mut key);
        let fresh = path.with_extension(format!("new-{}", ids.uuid()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        file.write_all(&key)?;
        file.sync_all()?;
        // a link fails when another process was first: then its key counts
        let linked = fs::hard_link(&fresh, path);
        fs::remove_file(&fresh)?;
        match linked {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
    }
    let key = fs::read(path)?;
    key.try_into().map_err(|_| std::io::Error::other(format!("{} does not hold 32 bytes", path.display())))
}
