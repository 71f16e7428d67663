//! What a page can watch. The server tells *that* a topic changed (with a rising generation); the page reads it again
//! through the same call that filled it. Only output lines travel in the event itself.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    ids::{OperationId, VmId},
    run_output::RunOutput,
};

/// Something that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// Any machine, or the list of them.
    Vms,
    /// One machine, its extensions included.
    Vm(VmId),
    /// Any operation, or the list of them.
    Operations,
    /// One operation.
    Operation(OperationId),
    /// The marketplace.
    Images,
    /// The activity log.
    Activity,
    /// Accounts.
    Accounts,
    /// The output of one machine's part of an operation.
    Output(OperationId, VmId),
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vms => f.write_str("vms"),
            Self::Vm(id) => write!(f, "vm:{id}"),
            Self::Operations => f.write_str("operations"),
            Self::Operation(id) => write!(f, "operation:{id}"),
            Self::Images => f.write_str("images"),
            Self::Activity => f.write_str("activity"),
            Self::Accounts => f.write_str("accounts"),
            Self::Output(operation, vm) => write!(f, "output:{operation}:{vm}"),
        }
    }
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        Ok(match word {
            "vms" => Self::Vms,
            "vm" => Self::Vm(rest.parse().map_err(|_| ())?),
            "operations" => Self::Operations,
            "operation" => Self::Operation(rest.parse().map_err(|_| ())?),
            "images" => Self::Images,
            "activity" => Self::Activity,
            "accounts" => Self::Accounts,
            "output" => {
                let (operation, vm) = rest.split_once(':').ok_or(())?;
                Self::Output(operation.parse().map_err(|_| ())?, vm.parse().map_err(|_| ())?)
            }
            _ => return Err(()),
        })
    }
}

/// One event of the stream `GET /live?topic=…&topic=…`. An output topic is written `output:<op>:<vm>@<next>`: go on at record `next`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiveEvent {
    /// The topic changed: read it again. The first events after connecting say where every topic stands.
    Changed {
        /// What.
        topic: String,
        /// Rises with every change; ignore numbers that are not above the last seen one.
        generation: u64,
    },
    /// More output.
    Output {
        /// Which (`output:<op>:<vm>`).
        topic: String,
        /// The records.
        output: RunOutput,
    },
    /// The server was replaced by another build: reload when convenient.
    Build {
        /// Its name.
        build: String,
    },
}
