//! The status document (wire-protocol 7) from what the life cycle says.

use agent_protocol::status::{GuestAgentStatus, GuestOsInfo, SupportedFeature, VmArtifactsStatus};
use agent_protocol::{AggregateStatus, FormattedMessage, StatusDocument};

use crate::clock;
use crate::handler::Snapshot;
use crate::machine::Machine;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The document of this moment.
pub(crate) fn document(machine: &Machine, snapshot: Snapshot) -> StatusDocument {
    StatusDocument {
        version: "1.1".to_owned(),
        timestamp_utc: clock::now().to_string(),
        aggregate_status: AggregateStatus {
            guest_agent_status: GuestAgentStatus {
                version: VERSION.to_owned(),
                status: "Ready".to_owned(),
                formatted_message: FormattedMessage::english("Guest Agent is running"),
            },
            handler_aggregate_status: snapshot.handlers,
            vm_artifacts_aggregate_status: snapshot
                .goal_state
                .map(|goal_state_aggregate_status| VmArtifactsStatus { goal_state_aggregate_status }),
        },
        guest_os_info: Some(GuestOsInfo {
            computer_name: machine.hostname.clone(),
            os_name: machine.os.id.clone(),
            os_version: machine.os.version.clone(),
            version: VERSION.to_owned(),
        }),
        supported_features: vec![SupportedFeature {
            key: "MultipleExtensionsPerHandler".to_owned(),
            value: "1.0".to_owned(),
        }],
    }
}
