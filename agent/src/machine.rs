//! What the agent says about the machine it runs on.

use std::path::Path;

use agent_protocol::{OperatingSystem, signature};

use crate::layout::Layout;

/// Facts about this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// `/etc/machine-id`; a random one that is kept when the machine has none, or only that of the image it is a copy of.
    pub id: String,
    /// Host name.
    pub hostname: String,
    /// From os-release.
    pub os: OperatingSystem,
    /// `x86_64`, `aarch64`, …
    pub architecture: &'static str,
}

impl Machine {
    /// Looks at the machine.
    #[must_use]
    pub fn look(layout: &Layout) -> Self {
        Self {
            id: machine_id(layout),
            hostname: hostname(),
            os: os(&layout.root),
            architecture: std::env::consts::ARCH,
        }
    }
}

impl Machine {
    /// Tells this machine from a copy of it: changes with the system's identity and with the hardware, real or virtual.
    /// A hash, 32 hex digits: nobody reads the identities out of it.
    #[must_use]
    pub fn fingerprint(&self, layout: &Layout) -> String {
        let hardware = std::fs::read_to_string(layout.root.join("sys/class/dmi/id/product_uuid")).unwrap_or_default();
        let text = format!("{}\n{}", self.id, hardware.trim().to_lowercase());
        let hash = signature::sha256_hex_of(&mut text.as_bytes()).unwrap_or_default();
        hash.chars().take(32).collect()
    }
}

fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// What systemd or the distribution made; nothing while it is empty or says `uninitialized`.
pub(crate) fn system_id(layout: &Layout) -> Option<String> {
    let found = std::fs::read_to_string(layout.root.join("etc/machine-id")).unwrap_or_default();
    (found.trim().len() >= 16).then(|| found.trim().to_owned())
}

fn machine_id(layout: &Layout) -> String {
    let own = layout.state.join("machine-id");
    // an identity of our own was made for a reason that lasts
    if let Ok(kept) = std::fs::read_to_string(&own) {
        return kept.trim().to_owned();
    }
    system_id(layout).unwrap_or_else(|| own_id(layout))
}

/// Makes an identity of our own and keeps it.
pub(crate) fn own_id(layout: &Layout) -> String {
    let own = layout.state.join("machine-id");
    let made = format!("{:032x}", fastrand::u128(..));
    if let Err(error) = crate::files::replace(&own, made.as_bytes()) {
        tracing::warn!(%error, path = %own.display(), "the machine's identity is not kept");
    }
    made
}

fn os(root: &Path) -> OperatingSystem {
    let read = |path| std::fs::read_to_string(root.join(path)).ok();
    let text = read("etc/os-release").or_else(|| read("usr/lib/os-release")).unwrap_or_default();
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
    };
    OperatingSystem {
        id: value("ID").unwrap_or_else(|| "linux".to_owned()),
        version: value("VERSION_ID").unwrap_or_default(),
        pretty_name: value("PRETTY_NAME").unwrap_or_else(|| "Linux".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::os;

    #[test]
    fn os_release_is_read_with_and_without_quotes() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("etc")).unwrap();
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID='12'\nID=debian\nID_LIKE=x\n";
        std::fs::write(dir.path().join("etc/os-release"), text).unwrap();
        let found = os(dir.path());
        assert_eq!((found.id.as_str(), found.version.as_str()), ("debian", "12"));
        assert_eq!(found.pretty_name, "Debian GNU/Linux 12 (bookworm)");
    }
}
