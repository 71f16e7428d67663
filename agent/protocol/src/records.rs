//! `POST /annex/agent/v1/records`: what happens during a run, as it happens.
//!
//! A *run* is one application of one extension at one incarnation. Its records are numbered from 0 without gaps. The
//! agent sends what the server has not acknowledged; the server stores from its own next number on, ignores repeats
//! and answers a gap with the number it wants. A batch without records is a question: "where do I go on?"
//!
//! ```text
//! agent                                   server
//!   │ records 0..5 ───────────────────────► stores 0..5
//!   │ ◄─────────────────────── next = 5     │
//!   │ records 5..9 ──────────── ╳ (lost)    │
//!   │ records 5..12 ──────────────────────► stores 5..12
//!   │ ◄────────────────────── next = 12     │
//! ```

use serde::{Deserialize, Serialize};

use crate::json::{self, JsonDocument};
use crate::{ParseError, Timestamp};

/// Most bytes of one records request.
pub const MAX_RECORDS_BYTES: usize = 4 * 1024 * 1024;
/// Most bytes of one line's text; longer lines are cut into several records by the agent.
pub const MAX_LINE_BYTES: usize = 16 * 1024;
/// Output of a run that is kept, in bytes of text.
pub const MAX_RUN_BYTES: u64 = 1024 * 1024;
/// Output of a run that is kept, in lines.
pub const MAX_RUN_LINES: u64 = 20_000;

/// Which run a record belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunKey {
    /// The goal state that caused the run.
    pub incarnation: u64,
    /// `Publisher.Type`.
    pub handler: String,
    /// Name of the extension resource; equals the settings' name for multi-config handlers.
    pub extension: String,
}

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Number within the run, from 0, without gaps.
    pub n: u64,
    /// When it happened, by the machine's clock.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a record tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Entry {
    /// The run moved on.
    Step(Step),
    /// A line of output.
    Line(Line),
    /// Output passed the cap; later lines are dropped and counted. At most once per run.
    #[serde(rename_all = "camelCase")]
    Capped {
        /// The cap in bytes of text.
        max_bytes: u64,
    },
    /// How many lines were dropped after the cap; the last record of a capped run.
    Dropped {
        /// Number of lines.
        lines: u64,
    },
}

/// A step of a run began or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Which step.
    pub name: StepName,
    /// Began, or how it ended.
    pub phase: StepPhase,
    /// How long it took, with the ending phases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Something worth reading, such as a size, an exit code or the reason of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The steps a run is made of, in their usual order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepName {
    /// The agent holds the goal state.
    PickedUp,
    /// The package is on the machine.
    Downloaded,
    /// SHA-256 and signature are right and the package is unpacked.
    Verified,
    /// The old version's disable command ended.
    Disabled,
    /// The update command ended.
    Updated,
    /// The uninstall command ended.
    Uninstalled,
    /// The install command ended.
    Installed,
    /// The extension reached a final status.
    Enabled,
}

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepPhase {
    /// It began.
    Started,
    /// It ended well.
    Done,
    /// It ended badly.
    Failed,
    /// It was not needed.
    Skipped,
}

/// A line of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Where it was printed.
    pub stream: Stream,
    /// The text without its line end; bytes that are no UTF-8 are replaced by U+FFFD.
    pub text: String,
    /// The line had not ended when it was sent; the next line of this stream goes on where it stops.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output of a command or script.
    Stdout,
    /// Standard error of a command or script.
    Stderr,
    /// The agent's own remark.
    Agent,
}

/// Body of a records request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordsRequest {
    /// When it was sent, by the machine's clock: the server compares that with its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// One element per run that has something to say.
    pub runs: Vec<RunRecords>,
}

/// Some consecutive records of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecords {
    /// Which run.
    #[serde(flatten)]
    pub key: RunKey,
    /// Rising numbers without gaps; empty to ask where to go on.
    #[serde(default)]
    pub records: Vec<Record>,
}

/// Answer to a records request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordsResponse {
    /// One element per run of the request.
    pub acknowledged: Vec<Acknowledged>,
}

/// How far the server has got with one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acknowledged {
    /// Which run.
    #[serde(flatten)]
    pub key: RunKey,
    /// The number the server wants next; everything below is stored.
    pub next: u64,
}

impl RecordsRequest {
    /// Reads a request and checks that each run's numbers rise by one.
    ///
    /// # Errors
    /// Too large, no JSON, unknown words, or numbers that do not rise by one.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let request: Self = json::parse(bytes, MAX_RECORDS_BYTES, "records request")?;
        for run in &request.runs {
            if run.records.windows(2).any(|pair| pair[0].n.checked_add(1) != Some(pair[1].n)) {
                return Err(ParseError::invalid("records request", "record numbers must rise by one"));
            }
        }
        Ok(request)
    }

    /// The request as JSON.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        json::render(self)
    }
}

impl JsonDocument for RecordsResponse {
    const WHAT: &'static str = "records response";
    const MAX_BYTES: usize = 1024 * 1024;
}
