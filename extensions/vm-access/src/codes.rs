//! Codes of what failed. Above 0: the user can mend it; 0 and below: the machine or the platform is at fault.

/// The settings do not fit together, or a value cannot be used.
pub const SETTINGS: i64 = 1;
/// The user is one of the system's own.
pub const RESERVED_USER: i64 = 6;
/// The user cannot be created, changed or removed.
pub const USER: i64 = 7;
/// The right to use sudo cannot be given.
pub const SUDO: i64 = 8;
/// The password cannot be set.
pub const PASSWORD: i64 = 9;
/// The key cannot be used, or cannot be put in its place safely.
pub const KEYS: i64 = 10;
/// The SSH server refuses its new configuration, or there is none to restore.
pub const SSH: i64 = 11;
/// The run was cut off; it is not repeated, since the settings are gone.
pub const INTERRUPTED: i64 = 3;

/// The machine refused something.
pub const SYSTEM: i64 = 0;
/// The certificate for the protected settings is not on the machine.
pub const NO_CERTIFICATE: i64 = -20;
/// The settings or the package are damaged.
pub const DAMAGED: i64 = -21;
