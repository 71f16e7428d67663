//! The variables that commands are given (wire-protocol 5.2).

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde_json::json;

use crate::handler::places::HandlerHome;
use crate::handler::plan::Step;
use crate::handler::record::Record;
use crate::handler::{SINGLE, Version};

const NOT_RUN: &str = "NOT_RUN";

/// What the variables are made from.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The facts before the step.
    pub record: &'a Record,
    /// The instance that the step is about, or that caused it.
    pub extension: &'a str,
    /// Directory and version whose command runs.
    pub home: &'a HandlerHome,
    /// That version.
    pub version: &'a Version,
    /// The server's address.
    pub server_address: &'a str,
}

/// The variables for `step`.
#[must_use]
pub fn environment(step: &Step, context: Context<'_>) -> Vec<(&'static str, OsString)> {
    let Context { record, extension, home, version, server_address } = context;
    let sequence = record.extensions.get(extension).map_or(0, |known| known.sequence);
    let mut variables: Vec<(&'static str, OsString)> = vec![
        ("ConfigSequenceNumber", sequence.to_string().into()),
        ("AZURE_GUEST_AGENT_EXTENSION_PATH", home.root.clone().into()),
        ("AZURE_GUEST_AGENT_EXTENSION_VERSION", version.to_string().into()),
        ("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", server_address.into()),
        ("AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES", "[]".into()),
    ];
    if std::env::var_os("PATH").is_none() {
        variables.push(("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into()));
    }
    if extension != SINGLE {
        variables.push(("ConfigExtensionName", extension.into()));
    }
    let update = record.update.as_ref();
    match step {
        Step::Install { .. } | Step::Enable { .. } => {
            let code = update.and_then(|update| update.uninstall_code);
            variables.push(("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", or_not_run(code)));
        }
        Step::Update { from, to, .. } => {
            variables.push(("VERSION", to.to_string().into()));
            variables.push(("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", from.to_string().into()));
            let none = BTreeMap::new();
            variables.push(disable_codes(record, update.map_or(&none, |update| &update.disable_codes)));
        }
        _ => {}
    }
    variables
}

fn disable_codes(record: &Record, codes: &BTreeMap<String, i64>) -> (&'static str, OsString) {
    if !record.multi {
        let code = codes.get(SINGLE).copied();
        return ("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", or_not_run(code));
    }
    let list: Vec<_> = record
        .extensions
        .keys()
        .map(|name| {
            let code = codes.get(name).map_or_else(|| NOT_RUN.to_owned(), i64::to_string);
            json!({ "extensionName": name, "exitCode": code })
        })
        .collect();
    ("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS", json!(list).to_string().into())
}

fn or_not_run(code: Option<i64>) -> OsString {
    code.map_or_else(|| NOT_RUN.to_owned(), |code| code.to_string()).into()
}
