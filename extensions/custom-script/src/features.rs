//! What this version of the package can do: one binary serves all versions, `features.json` in the package tells.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

/// The file at the root of the package.
pub const FILE_NAME: &str = "features.json";

/// Differences between versions. A package without the file has none of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Features {
    /// Whether `timeoutInSeconds` has an effect.
    #[serde(default)]
    pub timeout_setting: bool,
    /// How often a running command's output is reported, in seconds; absent for never.
    #[serde(default)]
    pub progress_every_seconds: Option<u32>,
}

impl Features {
    /// Reads the features of the package at `root`.
    #[must_use]
    pub fn load(root: &Path) -> Self {
        fs::read(root.join(FILE_NAME)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// How often progress is reported.
    #[must_use]
    pub fn progress_every(self) -> Option<Duration> {
        self.progress_every_seconds.filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds.into()))
    }
}
