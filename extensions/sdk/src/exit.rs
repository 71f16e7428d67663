//! Exit codes of a handler's commands, as the field uses them.

/// The command did what was asked, or found that nothing was to do.
pub const OK: u8 = 0;
/// The command line is not one of the five commands.
pub const USAGE: u8 = 2;
/// The command failed for a reason that the log states.
pub const FAILED: u8 = 3;
/// The operating system is not one the handler runs on.
pub const UNSUPPORTED_OS: u8 = 51;
/// Something the handler needs is missing on the machine.
pub const MISSING_DEPENDENCY: u8 = 52;
/// The settings cannot be used.
pub const CONFIGURATION: u8 = 53;
