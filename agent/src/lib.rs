//! `annex-agent`: makes one machine what the server says it should be, and reports what happened.

pub mod clock;
pub mod config;
pub mod contact;
pub mod credential;
pub mod enrol;
pub mod exit;
pub mod files;
pub mod goal;
pub mod handler;
pub mod install;
pub mod journal;
pub mod layout;
pub mod lock;
pub mod machine;
pub mod packages;
pub mod poll;
pub mod presence;
pub mod ready;
pub mod relay;
pub mod report;
pub mod rotate;
pub mod run;
pub mod show;
#[cfg(feature = "sim")]
pub mod sim;
pub mod transport;
