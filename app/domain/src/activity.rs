//! Who did what, when, on which machine, with what result.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{OperationId, VmId},
    timestamp::Timestamp,
};

/// How a line of the activity log turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Accepted, not ended yet.
    Started,
    /// Ended well, or took effect at once.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Withdrawn before it began.
    Canceled,
    /// Refused (sign-in, enrolment).
    Refused,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 5] = [Self::Started, Self::Succeeded, Self::Failed, Self::Canceled, Self::Refused];

    /// The word in the database and on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Cancelled",
            Self::Refused => "Refused",
        }
    }

    /// Reads [`Self::label`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.label() == text)
    }
}

/// One line. Written in the transaction of the change it tells of; never changed afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// Rising number of the line.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, as a sentence without its subject: `installed Custom Script 1.1.0`.
    pub action: String,
    /// How it turned out.
    pub outcome: Outcome,
    /// On which machine, if on one.
    pub vm: Option<(VmId, String)>,
    /// Under which extension name, if about one.
    pub extension: Option<String>,
    /// The operation it belongs to.
    pub operation: Option<OperationId>,
    /// More, for example the failure's message. Never a secret.
    pub detail: Option<String>,
}

/// What the activity page is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityFilter {
    /// Part of actor, action, machine or extension, without regard to case.
    pub text: String,
    /// Only this machine.
    pub vm: Option<VmId>,
    /// Only this outcome.
    pub outcome: Option<Outcome>,
}
