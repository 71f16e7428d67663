//! The first page: what needs me.

use serde::{Deserialize, Serialize};

use crate::{
    activity::ActivityEntry, extension::ExtensionSummary, guest_agent::HealthWord, ids::VmId, name::VmName,
    operation::OperationSummary, show_as::ApiPlace, timestamp::Timestamp, vm::VmSummary,
};

/// Everything the home page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Machines by agent health.
    pub machines: Vec<(HealthWord, u32)>,
    /// Machines there are.
    pub machine_total: u32,
    /// Extensions there are.
    pub extension_total: u32,
    /// Failed or degraded extensions, worst first, at most 20.
    pub failing: Vec<(VmId, VmName, ExtensionSummary)>,
    /// Machines whose agent is silent, at most 20.
    pub silent: Vec<VmSummary>,
    /// Extensions with a newer version, by package, with the number of machines.
    pub updates: Vec<(String, String, String, u32)>,
    /// Open operations.
    pub running: Vec<OperationSummary>,
    /// Newest lines of the activity log, at most 10.
    pub recent: Vec<ActivityEntry>,
    /// Offers in the marketplace.
    pub offers: u32,
    /// The server's time when this was made.
    pub now: Timestamp,
}

/// What the frame around every page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Who is signed in.
    pub actor: crate::actor::Actor,
    /// Machines there are.
    pub machines: u32,
    /// Open operations.
    pub open_operations: u32,
    /// Operations of the last 24 hours with a failed machine.
    pub failed_operations: u32,
    /// Version of the server.
    pub version: String,
    /// Where programs reach this portal.
    pub api: ApiPlace,
}
