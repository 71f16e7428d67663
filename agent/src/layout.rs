//! Where everything lies on a machine. Every root can be put elsewhere, for tests and for odd machines.
//!
//! ```text
//! /var/lib/annex-agent/          state: credential.json machine.key machine.crt ca.pem machine-id lock
//!     install.json waagent.conf.original      what `install` changed
//!     image.json                 on an image: how its copies enrol
//!     runs/                      journals of runs
//!     relay/                     what the relay keeps for waagent
//!     extensions.xml             the last goal state, for a start without the server
//!     report.json                what was reported last, for `annex-agent status`
//! /var/lib/waagent/              handlers, and <THUMBPRINT>.crt/.prv, where handlers look for them
//! /var/log/azure/                logs of handlers
//! ```

use std::path::PathBuf;

use crate::handler::places::Places;

/// The roots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The agent's own state.
    pub state: PathBuf,
    /// Handlers and their keys.
    pub library: PathBuf,
    /// Logs of handlers.
    pub logs: PathBuf,
    /// Prefix of `/etc/os-release`, `/etc/machine-id` and `/proc`.
    pub root: PathBuf,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            state: "/var/lib/annex-agent".into(),
            library: "/var/lib/waagent".into(),
            logs: "/var/log/azure".into(),
            root: "/".into(),
        }
    }
}

impl Layout {
    /// All roots below one folder.
    #[must_use]
    pub fn below(root: &std::path::Path) -> Self {
        Self {
            state: root.join("var/lib/annex-agent"),
            library: root.join("var/lib/waagent"),
            logs: root.join("var/log/azure"),
            root: "/".into(),
        }
    }

    /// The usual places below a prefix, and the machine's own facts as well.
    #[must_use]
    pub fn in_root(root: &std::path::Path) -> Self {
        Self { root: root.to_owned(), ..Self::below(root) }
    }

    /// The same for the handler life cycle.
    #[must_use]
    pub fn places(&self) -> Places {
        Places { library: self.library.clone(), logs: self.logs.clone(), state: self.state.clone() }
    }

    /// Who this machine is at which server.
    #[must_use]
    pub fn credential(&self) -> PathBuf {
        self.state.join("credential.json")
    }

    /// The machine's private key (PEM).
    #[must_use]
    pub fn machine_key(&self) -> PathBuf {
        self.state.join("machine.key")
    }

    /// The machine's certificate (PEM).
    #[must_use]
    pub fn machine_certificate(&self) -> PathBuf {
        self.state.join("machine.crt")
    }

    /// The certificate before the last rotation (PEM).
    #[must_use]
    pub fn former_certificate(&self) -> PathBuf {
        self.state.join("former.crt")
    }

    /// The key of [`Self::former_certificate`] (PEM).
    #[must_use]
    pub fn former_key(&self) -> PathBuf {
        self.state.join("former.key")
    }

    /// The certificate that a rotation is about to bring (PEM).
    #[must_use]
    pub fn next_certificate(&self) -> PathBuf {
        self.state.join("next.crt")
    }

    /// The key of [`Self::next_certificate`] (PEM).
    #[must_use]
    pub fn next_key(&self) -> PathBuf {
        self.state.join("next.key")
    }

    /// Held while the machine's key is replaced.
    #[must_use]
    pub fn rotation_lock(&self) -> PathBuf {
        self.state.join("rotation.lock")
    }

    /// The private authority that the server's certificate comes from (PEM), if any.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.state.join("ca.pem")
    }

    /// How a copy of this machine enrols by itself, when this machine is an image.
    #[must_use]
    pub fn image(&self) -> PathBuf {
        self.state.join("image.json")
    }

    /// Held by the one running agent.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    /// Journals of runs.
    #[must_use]
    pub fn runs(&self) -> PathBuf {
        self.state.join("runs")
    }

    /// What the relay keeps.
    #[must_use]
    pub fn relay(&self) -> PathBuf {
        self.state.join("relay")
    }

    /// The last extensions configuration.
    #[must_use]
    pub fn last_goal_state(&self) -> PathBuf {
        self.state.join("extensions.xml")
    }

    /// The last status document.
    #[must_use]
    pub fn last_report(&self) -> PathBuf {
        self.state.join("report.json")
    }
}
