//! Codes of a failed run, as the field's custom script handler uses them. Above 0: the user can mend it; 0 and below:
//! the machine or the platform is at fault.

/// The command could not be started at all.
pub const NOT_STARTED: i64 = 1;
/// The command ended with an exit code other than 0, or by a signal.
pub const NON_ZERO_EXIT: i64 = 2;
/// A shutdown or a stop ended the run; it is not repeated.
pub const INTERRUPTED: i64 = 3;
/// `commandToExecute` stands in both sections.
pub const COMMAND_TWICE: i64 = 20;
/// `fileUris` stands in both sections.
pub const FILES_TWICE: i64 = 22;
/// Neither `commandToExecute` nor `script` is given.
pub const NOTHING_TO_RUN: i64 = 23;
/// An entry of `fileUris` is empty.
pub const EMPTY_FILE_URI: i64 = 24;
/// An entry of `fileUris` cannot be used.
pub const INVALID_FILE_URI: i64 = 25;
/// A storage account and an identity are both given.
pub const KEY_AND_IDENTITY: i64 = 26;
/// The identity is named by client and by object.
pub const TWO_IDENTITIES: i64 = 27;
/// `script` stands in both sections.
pub const SCRIPT_TWICE: i64 = 28;
/// `commandToExecute` and `script` are both given.
pub const COMMAND_AND_SCRIPT: i64 = 29;
/// Only one of the storage account's name and key is given.
pub const HALF_A_KEY: i64 = 30;
/// The download folder cannot be made.
pub const NO_FOLDER: i64 = 50;
/// The address carries an access signature whose time is over.
pub const SIGNATURE_EXPIRED: i64 = 51;
/// The server refuses access to a file.
pub const ACCESS_DENIED: i64 = 52;
/// A file does not exist.
pub const NOT_FOUND: i64 = 53;
/// The server of a file cannot be reached, or is too busy.
pub const NETWORK: i64 = 54;
/// A download failed in another way.
pub const DOWNLOAD: i64 = 55;
/// A download or the command took too long.
pub const TIMED_OUT: i64 = 56;
/// The identity does not exist, or does not see the file.
pub const IDENTITY_NOT_FOUND: i64 = 70;
/// The identity has no right to read the file.
pub const IDENTITY_WITHOUT_RIGHTS: i64 = 71;
/// No token could be had for the identity.
pub const IDENTITY_UNAVAILABLE: i64 = 72;
/// A policy file is present that this handler cannot enforce.
pub const POLICY: i64 = 81;

/// A fault of the machine that has no code of its own.
pub const SYSTEM: i64 = 0;
/// The file server failed (status 500).
pub const STORAGE: i64 = -1;
/// The certificate for the protected settings is not on the machine.
pub const NO_CERTIFICATE: i64 = -20;
/// The settings are damaged, or are not what the schema allows.
pub const BAD_CONFIGURATION: i64 = -21;
/// The identity service failed.
pub const IDENTITY_SERVICE: i64 = -30;
/// The file server calls the request malformed.
pub const BAD_REQUEST: i64 = -41;
/// The file for standard output cannot be made.
pub const NO_STDOUT: i64 = -51;
/// The file for error output cannot be made.
pub const NO_STDERR: i64 = -52;
