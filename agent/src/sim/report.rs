//! The status document of a simulated machine.

use std::collections::BTreeMap;

use agent_protocol::status::{GoalStateStatus, RuntimeSettingsStatus, SettingsStatus};
use agent_protocol::{FormattedMessage, HandlerStatus, OperatingSystem, StatusDocument};

use super::plan::{Installed, Key};
use crate::clock;
use crate::handler::Snapshot;
use crate::machine::Machine;
use crate::report;

/// Every simulated machine is the same, but for its name.
pub(super) fn machine(name: &str) -> Machine {
    Machine {
        id: format!("{:032x}", fastrand::u128(..)),
        hostname: name.to_owned(),
        os: OperatingSystem {
            id: "debian".to_owned(),
            version: "12".to_owned(),
            pretty_name: "Debian GNU/Linux 12 (bookworm)".to_owned(),
        },
        architecture: "x86_64",
    }
}

pub(super) fn document(machine: &Machine, incarnation: u64, there: &BTreeMap<Key, Installed>) -> StatusDocument {
    let now = clock::now().to_string();
    let goal_state = GoalStateStatus {
        formatted_message: FormattedMessage::english("GoalState executed successfully"),
        timestamp_utc: now.clone(),
        in_svd_seq_no: incarnation.to_string(),
        status: "Success".to_owned(),
        code: 0,
    };
    let handlers = there.iter().map(|(key, installed)| handler(key, installed, &now)).collect();
    report::document(machine, Snapshot { goal_state: Some(goal_state), handlers, settled: true })
}

fn handler((name, extension): &Key, installed: &Installed, now: &str) -> HandlerStatus {
    HandlerStatus {
        handler_name: name.clone(),
        handler_version: installed.version.clone(),
        status: if installed.ready { "Ready" } else { "NotReady" }.to_owned(),
        code: installed.code,
        use_exact_version: true,
        formatted_message: FormattedMessage::english(installed.message.clone()),
        runtime_settings_status: installed.status.clone().map(|status| RuntimeSettingsStatus {
            sequence_number: installed.sequence,
            extension_name: extension.clone(),
            settings_status: Some(SettingsStatus { version: 1.0, timestamp_utc: now.to_owned(), status }),
        }),
    }
}
