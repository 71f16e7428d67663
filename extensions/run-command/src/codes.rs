//! Exit codes of a run that came to no command, as the field's run command handler uses them. A command's own exit code
//! is never below 0.

/// The script could not be fetched.
pub const NO_SCRIPT: i64 = -100;
/// Nothing can be written where output is to go.
pub const NO_BLOB: i64 = -101;
/// The user does not exist, or cannot be become.
pub const NO_USER: i64 = -102;
/// The machine refused something: no space, no process, no memory.
pub const SYSTEM: i64 = -200;
/// The settings cannot be used.
pub const SETTINGS: i64 = -201;
/// The certificate for the protected settings is not on the machine.
pub const NO_CERTIFICATE: i64 = -202;
/// A policy file is present that this handler cannot enforce.
pub const POLICY: i64 = -203;
