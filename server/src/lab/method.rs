//! The ways to keep a machine apart from its host, best first.

use serde::{Deserialize, Serialize};

/// How a machine gets its own file system and ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Method {
    /// As root: an overlay of the host's root. Everything can be changed in the machine, nothing on the host.
    Overlay,
    /// As root where the data folder cannot carry an overlay (it is on one itself): private copies, as users get them.
    Copies,
    /// As an ordinary user with a range in /etc/subuid: own user namespace with all the ids a machine needs.
    UserRange,
    /// As an ordinary user without one: own user namespace in which only uid 0 exists.
    UserSingle,
    /// Nothing apart: the agent runs with the server's own rights, its files in a folder of its own.
    Bare,
}

impl Method {
    /// Those worth trying for this user, best first; `Bare` is never chosen by trying.
    pub fn candidates(root: bool) -> &'static [Self] {
        if root { &[Self::Overlay, Self::Copies, Self::UserSingle] } else { &[Self::UserRange, Self::UserSingle] }
    }

    /// Does it need a user namespace?
    pub fn user_namespace(self) -> bool {
        matches!(self, Self::UserRange | Self::UserSingle)
    }

    /// One sentence on what the machine is, for its page.
    pub fn words(self, outside_network: bool) -> String {
        if self == Self::Bare {
            return "Not isolated: scripts run with the rights of the portal's own user on this host.".to_owned();
        }
        let files = match self {
            Self::Overlay => "its own file system (an overlay of this host's)",
            _ => "its own /etc, /var, /home and /root (programs are this host's, changes to them stay in the machine)",
        };
        let ids = match self {
            Self::Overlay | Self::Copies => "",
            Self::UserRange => ", its own user ids",
            _ => ", one user id (root in the machine is the portal's user outside; files cannot change owner)",
        };
        let network = if outside_network {
            "It shares this host's network, so it reaches what the host reaches, local services included."
        } else {
            "It has no network but the portal."
        };
        format!("Isolated in namespaces: {files}, its own processes and host name{ids}. {network}")
    }
}
