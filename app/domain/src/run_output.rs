//! What a run says while it runs: steps and lines, in one numbered sequence (agent journal).

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// Most bytes of text kept of one run; stated beside the log.
pub const OUTPUT_CAP_BYTES: u64 = 1_048_576;
/// Most lines kept of one run.
pub const OUTPUT_CAP_LINES: u64 = 20_000;

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stream {
    /// Standard output of the script or command.
    Stdout,
    /// Standard error.
    Stderr,
    /// The agent's own words.
    Agent,
}

impl Stream {
    /// The word on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Agent => "agent",
        }
    }
}

/// One numbered record of a run that a log viewer shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRecord {
    /// Its number in the run, from 0, without gaps (steps take numbers too).
    pub n: u64,
    /// When it happened; a machine's clock that is wrong is put right by the server's.
    pub at: Timestamp,
    /// What it is.
    pub entry: OutputEntry,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutputEntry {
    /// A line of text.
    Line {
        /// Where it came from.
        stream: Stream,
        /// Without its line end.
        text: String,
    },
    /// A step began or ended; shown as a mark between the lines.
    Step {
        /// The step.
        step: crate::operation::StepName,
        /// How it stands now.
        phase: crate::operation::StepPhase,
        /// How long it took, once it ended.
        duration_ms: Option<u64>,
        /// A word more, for example a size.
        detail: Option<String>,
    },
    /// The cap was reached: later lines are not kept.
    Capped,
    /// How many lines were not kept.
    Dropped {
        /// Lines.
        lines: u64,
    },
}

/// A stretch of a run's records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOutput {
    /// In order.
    pub records: Vec<OutputRecord>,
    /// Number of the first record that is not in `records`: where to go on.
    pub next: u64,
    /// True when nothing more will come.
    pub complete: bool,
}
