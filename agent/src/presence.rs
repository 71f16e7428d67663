//! What this process says of itself with every question for the goal state (`agent_protocol::contact`).

use agent_protocol::AgentContact;

use crate::clock;
use crate::layout::Layout;
use crate::machine::Machine;

/// The part of the contact header that stays the same as long as this process lives.
#[derive(Clone, Debug)]
pub struct Presence {
    holder: String,
    boot: Option<String>,
    machine: String,
}

impl Presence {
    /// Looks at the machine.
    #[must_use]
    pub fn look(layout: &Layout, machine: &Machine) -> Self {
        let boot = std::fs::read_to_string(layout.root.join("proc/sys/kernel/random/boot_id")).ok();
        Self {
            holder: format!("{:016x}", fastrand::u64(..)),
            boot: boot.map(|id| id.trim().to_owned()),
            machine: machine.fingerprint(layout),
        }
    }

    /// The header of a native agent: it is its own holder, and asking is fetching.
    #[must_use]
    pub fn native(&self) -> AgentContact {
        let life = Some(self.holder.clone());
        AgentContact { version: Some(env!("CARGO_PKG_VERSION").to_owned()), life, ..self.common() }
    }

    /// The header of a relay, to which [`crate::relay`] adds what it knows of waagent.
    #[must_use]
    pub fn relay(&self) -> AgentContact {
        AgentContact { relay: Some(env!("CARGO_PKG_VERSION").to_owned()), ..self.common() }
    }

    fn common(&self) -> AgentContact {
        AgentContact {
            holder: Some(self.holder.clone()),
            boot: self.boot.clone(),
            machine: Some(self.machine.clone()),
            clock_ms: Some(clock::now().unix_ms()),
            ..AgentContact::default()
        }
    }
}
