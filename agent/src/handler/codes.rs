//! The codes that the agent itself reports (wire-protocol 5.4, extension-model 5.4).

/// Unknown or configuration error, dependency failed, unreadable status.
pub const UNKNOWN: i64 = -1;
/// Anything unclassified inside the agent.
pub const GENERIC: i64 = 1000;
/// The version manifest could not be fetched.
pub const MANIFEST_DOWNLOAD: i64 = 1001;
/// The package has no HandlerManifest.json.
pub const HANDLER_MANIFEST_MISSING: i64 = 1002;
/// The package's HandlerManifest.json can not be understood.
pub const HANDLER_MANIFEST_BROKEN: i64 = 1003;
/// The package could not be fetched, or is not the one that was signed.
pub const PACKAGE_DOWNLOAD: i64 = 1004;
/// The package could not be unpacked.
pub const EXTRACTION: i64 = 1005;
/// The install command failed.
pub const INSTALL: i64 = 1007;
/// The update command, or disable or uninstall of the old version, failed.
pub const UPDATE: i64 = 1008;
/// The enable command failed.
pub const ENABLE: i64 = 1009;
/// The disable command failed.
pub const DISABLE: i64 = 1010;
/// A command ran over its limit and was killed.
pub const TIMED_OUT: i64 = 1011;
/// The status file can not be understood.
pub const STATUS_INVALID: i64 = 1012;
/// The goal state requires a feature this agent does not have.
pub const UNSUPPORTED_FEATURE: i64 = 2001;
