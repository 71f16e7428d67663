//! What machines and the server say to each other, and what agents and handlers leave for each other on disk.
//!
//! One file per message; every message is both written and read here, so the two ends cannot drift apart. No I/O, no
//! clock, no network. Everything that may come from someone else is bounded in size and nesting before it is parsed;
//! documents of our own are read strictly, documents of foreign agents and handlers leniently.
//!
//! | message | direction | file |
//! | --- | --- | --- |
//! | `GET /?comp=versions` | server → machine | [`versions`] |
//! | `GET /machine/?comp=goalstate` | server → machine | [`goal_state`] |
//! | its parts | server → machine | [`hosting_environment`], [`shared_config`], [`extensions_config`], [`certificates`] |
//! | extension manifest | server → machine | [`extension_manifest`], [`signature`] |
//! | `PUT <status address>` | machine → server | [`status`], wrapped: [`host_plugin`] |
//! | `POST /machine?comp=…` | machine → server | [`health`], [`role_properties`], [`telemetry`] |
//! | a header of `GET …goalstate` | machine → server | [`contact`] |
//! | `POST /annex/agent/v1/…` | machine → server | [`enrol`], [`records`], [`rotate`] |
//! | in the package | author → server, agent | [`handler_manifest`], [`extension_image`] |
//! | on the machine | agent → handler | [`handler_environment`], [`settings_file`] |
//! | on the machine | handler → agent | [`status_file`], [`heartbeat`] |
//!
//! With the feature `envelope`: `envelope`, protected settings and certificates in CMS.

pub mod certificates;
pub mod contact;
pub mod enrol;
#[cfg(feature = "envelope")]
pub mod envelope;
mod error;
pub mod extension_image;
pub mod extension_manifest;
pub mod extension_status;
pub mod extensions_config;
pub mod goal_state;
pub mod handler_environment;
pub mod handler_manifest;
pub mod health;
pub mod heartbeat;
pub mod host_plugin;
pub mod hosting_environment;
pub mod json;
mod lenient;
pub mod page_blob;
pub mod records;
pub mod role_properties;
pub mod rotate;
pub mod settings_file;
pub mod shared_config;
pub mod signature;
pub mod status;
pub mod status_file;
pub mod telemetry;
mod timestamp;
pub mod versions;
mod xml;

pub use certificates::CertificateFile;
pub use contact::AgentContact;
pub use enrol::{AgentKind, EnrolRequest, EnrolResponse, ErrorResponse, OperatingSystem};
pub use error::ParseError;
pub use extension_image::{ExtensionImage, WellKnownName};
pub use extension_manifest::{ExtensionManifest, PublishedVersion};
pub use extension_status::{ExtensionStatus, FormattedMessage, StatusLevel, Substatus};
pub use extensions_config::{ExtensionsConfig, Plugin, PluginSettings, RequestedState};
pub use goal_state::GoalState;
pub use handler_environment::HandlerEnvironment;
pub use handler_manifest::HandlerManifest;
pub use health::HealthReport;
pub use heartbeat::Heartbeat;
pub use host_plugin::StatusUpload;
pub use hosting_environment::HostingEnvironmentConfig;
pub use json::JsonDocument;
pub use records::{
    Acknowledged, Entry, Line, Record, RecordsRequest, RecordsResponse, RunKey, RunRecords, Step, StepName, StepPhase,
    Stream,
};
pub use role_properties::RoleProperties;
pub use settings_file::{HandlerSettings, SettingsFile};
pub use shared_config::SharedConfig;
pub use status::{AggregateStatus, HandlerStatus, StatusDocument};
pub use status_file::StatusFile;
pub use telemetry::TelemetryData;
pub use timestamp::{BadTimestamp, Timestamp};
pub use versions::Versions;
