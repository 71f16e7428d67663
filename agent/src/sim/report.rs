//! The status document of a simulated machine.

use std::collections::BTreeMap;

use agent_protocol::status::{
    GoalStateStatus, GuestAgentStatus, GuestOsInfo, RuntimeSettingsStatus, SettingsStatus, VmArtifactsStatus,
};
use agent_protocol::{AggregateStatus, FormattedMessage, HandlerStatus, StatusDocument};

use super::plan::{Installed, Key};
use crate::clock;

pub(super) fn document(name: &str, incarnation: u64, there: &BTreeMap<Key, Installed>) -> StatusDocument {
    let now = clock::now().to_string();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    StatusDocument {
        version: "1.1".to_owned(),
        timestamp_utc: now.clone(),
        aggregate_status: AggregateStatus {
            guest_agent_status: GuestAgentStatus {
                version: version.clone(),
                status: "Ready".to_owned(),
                formatted_message: FormattedMessage::english("Guest Agent is running"),
            },
            handler_aggregate_status: there.iter().map(|(key, installed)| handler(key, installed, &now)).collect(),
            vm_artifacts_aggregate_status: Some(VmArtifactsStatus {
                goal_state_aggregate_status: GoalStateStatus {
                    formatted_message: FormattedMessage::english("GoalState executed successfully"),
                    timestamp_utc: now.clone(),
                    in_svd_seq_no: incarnation.to_string(),
                    status: "Success".to_owned(),
                    code: 0,
                },
            }),
        },
        guest_os_info: Some(GuestOsInfo {
            computer_name: name.to_owned(),
            os_name: "debian".to_owned(),
            os_version: "12".to_owned(),
            version,
        }),
        supported_features: Vec::new(),
    }
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
