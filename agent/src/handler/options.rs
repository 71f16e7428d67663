//! Limits of the life cycle, with the contract's values as defaults (wire-protocol 5.4, extension-model 4.8).

use std::time::Duration;

/// What the supervisor is told besides where things are.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's address, as handlers are told it.
    pub server_address: String,
    /// Time limits.
    pub limits: Limits,
}

/// Time limits of the life cycle.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Limit of the install command.
    pub install: Duration,
    /// Limit of the update command.
    pub update: Duration,
    /// Limit of the disable command.
    pub disable: Duration,
    /// Limit of the enable command.
    pub enable: Duration,
    /// Limit of the uninstall command.
    pub uninstall: Duration,
    /// How long a status or heartbeat file may be unreadable (being written) or a heartbeat missing.
    pub grace: Duration,
    /// Age at which a heartbeat means that the handler is unresponsive.
    pub heartbeat: Duration,
    /// How long higher levels wait for lower ones, over the complete goal state.
    pub dependencies: Duration,
    /// Pauses between attempts to fetch a package or version manifest; one more attempt than pauses.
    pub fetch_pauses: Vec<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            install: seconds(900),
            update: seconds(900),
            disable: seconds(900),
            enable: seconds(300),
            uninstall: seconds(300),
            grace: seconds(10),
            heartbeat: seconds(agent_protocol::heartbeat::UNRESPONSIVE_AFTER_SECONDS),
            dependencies: seconds(90 * 60),
            fetch_pauses: [1, 2, 4, 8, 16].map(seconds).into(),
        }
    }
}
