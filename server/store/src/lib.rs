//! The only SQL of Annex, in one text for SQLite and PostgreSQL.
//!
//! ```text
//!  Store ──read()──► Conn          one statement at a time, sees what is committed
//!        └─begin()─► Tx = Conn     all or nothing; commit() or drop
//! ```
//! Methods are grouped by aggregate, one file each, all on [`Conn`], so that a use case can call any of them inside
//! its transaction. Columns are TEXT and BIGINT only (sqlx's `Any` driver decodes those alike on both engines).
//! Rows become domain values in one place per aggregate; an impossible row is a named inconsistency, not a panic.

mod accounts;
mod activity;
mod agent_events;
mod agent_holders;
mod agent_logs;
mod agent_words;
mod agents;
mod conn;
mod enrolment;
mod error;
mod extensions;
mod fleet;
mod former_credentials;
mod health;
mod home;
mod image_tokens;
mod images;
mod many;
mod migrations;
mod notify;
mod open;
mod operations;
mod resource_groups;
mod role_assignments;
mod row;
mod run_records;
mod server_lives;
mod server_settings;
mod service_principals;
mod sessions;
mod settled_requests;
mod statement;
mod targets;
mod token_keys;
mod version;
mod vms;

pub use accounts::AccountRow;
pub use agents::{AgentIdentityRow, ContactTimes, NewAgent};
pub use conn::{Conn, Tx};
pub use enrolment::EnrolmentTokenRow;
pub use error::Error;
pub use extensions::{ExtensionRow, RevisionRow};
pub use fleet::{InstalledRow, PlatformRow};
pub use notify::Notices;
pub use open::{Engine, Store};
pub use role_assignments::RoleAssignmentRow;
pub use service_principals::ServicePrincipalRow;
pub use sessions::Sessions;
pub use targets::TargetRow;
pub use token_keys::TokenKeyRow;
pub use version::DataVersion;
