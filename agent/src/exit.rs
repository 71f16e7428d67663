//! Exit codes that mean something to whoever started the program.

/// The program cannot work here, and trying again does not change that: a service manager should not start it again
/// (`EX_CONFIG` of sysexits.h).
pub const FINAL: u8 = 78;
