//! The vocabulary of Annex and its rules: no input or output, no clock, no framework.
//!
//! Read this page as the glossary. *State* is where something is, *status* is what somebody reported,
//! *view* is computed for a reader. The browser, the transports and the use cases all ask the rules here,
//! so the rule that disables a button is the rule that rejects the request.
//!
//! ```text
//!  ExtensionImage ──offers──► Extension ──one per──► Vm ──has──► GuestAgent
//!   (published)               (wanted)                │            (reports)
//!                                 │                   ▼
//!                                 └──change──► Operation ── one OperationTarget per Vm ── steps, output
//! ```

pub mod access;
pub mod activity;
pub mod actor;
pub mod agent_copy;
pub mod agent_days;
pub mod agent_event;
pub mod agent_history;
pub mod agent_trouble;
pub mod agent_words;
pub mod api_reference;
pub mod asked_extension;
pub mod automatic_upgrade;
pub mod compatibility;
pub mod enrolment;
pub mod etag;
pub mod extension;
pub mod extension_image;
pub mod extension_options;
pub mod fault;
pub mod generation;
pub mod guest_agent;
pub mod home;
pub mod ids;
pub mod instance_view;
pub mod live;
pub mod name;
pub mod operation;
pub mod page;
pub mod portal;
pub mod resource_group;
pub mod run_output;
pub mod scope;
pub mod secret;
pub mod settings_form;
pub mod show_as;
pub mod status;
pub mod timestamp;
pub mod type_handler_version;
pub mod version;
pub mod vm;
pub mod well_known_name;
