//! What machines ask. No session is looked for here.

use super::{
    Access::{Anybody, Machine},
    Row, row,
};

/// Their rows.
pub(super) const ROWS: &[Row] = &[
    row("GET", "/?comp=versions", Anybody),
    row("POST", "/annex/agent/v1/enrol", Anybody),
    row("POST", "/annex/agent/v1/certificate", Machine),
    row("GET", "/annex/agent/v1/enrol/{script}", Anybody),
    row("GET", "/annex/agent/v1/annex-agent-x86_64", Anybody),
    row("GET", "/annex/agent/v1/annex-agent-aarch64", Anybody),
    row("POST", "/annex/agent/v1/records", Machine),
    row("GET", "/annex/packages/{handler}/manifest.xml", Machine),
    row("GET", "/annex/packages/{handler}/{file}", Machine),
    row("GET", "/machine/", Machine),
    row("POST", "/machine", Machine),
    row("POST", "/HealthService", Machine),
    row("GET", "/machine/{vm}/hosting-environment", Machine),
    row("GET", "/machine/{vm}/shared-config", Machine),
    row("GET", "/machine/{vm}/extensions-config", Machine),
    row("PUT", "/machine/{vm}/status", Machine),
    row("GET", "/metadata/instance", Machine),
    row("GET", "/metadata/identity/oauth2/token", Machine),
    row("PUT", "/hostgaplugin/vmAgentLog", Machine),
];
