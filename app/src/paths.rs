//! Every address of the portal, written once. The test at the end is the site map.

use std::fmt::Write;

use domain::{
    ids::{OperationId, VmId},
    name::{ExtensionName, ExtensionType, Publisher},
    version::ExtensionVersion,
};

/// What needs me.
pub const HOME: &str = "/";
/// Signing in. `?next=` an address to go on to, `?error=` a code, `?name=` what was typed.
pub const SIGN_IN: &str = "/sign-in";
/// Where the sign-in form goes (`name`, `password`, `next`); also the page's own address.
pub const SIGN_IN_POST: &str = "/sign-in";
/// Ends the session (`POST`).
pub const SIGN_OUT: &str = "/sign-out";
/// The first owner sets a password. `?token=` from the printed link. The form posts `token`, `name`, `password` here.
pub const WELCOME: &str = "/welcome";
/// Changes the theme (`POST`: `theme`, `next`).
pub const THEME: &str = "/theme";
/// Publishes a package (`POST`, multipart: `package`).
pub const PACKAGES: &str = "/packages";
/// The event stream.
pub const LIVE: &str = "/live";
/// Machines.
pub const VMS: &str = "/vms";
/// Adding one.
pub const VM_NEW: &str = "/vms/new";
/// What is offered.
pub const MARKETPLACE: &str = "/marketplace";
/// Operations.
pub const OPERATIONS: &str = "/operations";
/// Who did what.
pub const ACTIVITY: &str = "/activity";
/// The same as a CSV file, with the same filters.
pub const ACTIVITY_CSV: &str = "/activity.csv";
/// One's own account.
pub const ACCOUNT: &str = "/account";
/// Everybody's accounts.
pub const ACCESS: &str = "/access";
/// What programs may ask, for people. `?q=` words, `?op=` the operation that is open.
pub const API: &str = "/api";
/// The same as an OpenAPI document.
pub const API_DOCUMENT: &str = "/openapi.json";

/// One machine.
pub fn vm(id: VmId) -> String {
    format!("/vms/{id}")
}

/// Its extensions.
pub fn vm_extensions(id: VmId) -> String {
    format!("/vms/{id}/extensions")
}

/// Its activity.
pub fn vm_activity(id: VmId) -> String {
    format!("/vms/{id}/activity")
}

/// Its agent.
pub fn vm_agent(id: VmId) -> String {
    format!("/vms/{id}/agent")
}

/// A log that its agent collected, as a zip.
pub fn vm_agent_log(id: VmId, number: i64) -> String {
    format!("/vms/{id}/agent-log/{number}")
}

/// Its instance view as JSON.
pub fn vm_json(id: VmId) -> String {
    format!("/vms/{id}/json")
}

/// One extension on one machine.
pub fn vm_extension(id: VmId, name: &ExtensionName) -> String {
    format!("/vms/{id}/extensions/{name}")
}

/// Changing its settings.
pub fn vm_extension_settings(id: VmId, name: &ExtensionName) -> String {
    format!("/vms/{id}/extensions/{name}/settings")
}

/// One offer; without a version, the newest.
pub fn image(publisher: &Publisher, extension_type: &ExtensionType, version: Option<&ExtensionVersion>) -> String {
    let mut path = format!("/marketplace/{publisher}/{extension_type}");
    if let Some(version) = version {
        let _ = write!(path, "?version={version}");
    }
    path
}

/// Installing it: on these machines, if some are chosen already.
pub fn install(
    publisher: &Publisher,
    extension_type: &ExtensionType,
    version: Option<&ExtensionVersion>,
    targets: &[VmId],
) -> String {
    let path = format!("/install/{publisher}/{extension_type}");
    let targets = targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let version = version.map(ToString::to_string).unwrap_or_default();
    with_query(&path, &[("version", &version), ("targets", &targets)])
}

/// One operation.
pub fn operation(id: OperationId) -> String {
    format!("/operations/{id}")
}

/// The output of one machine of it, as a text file.
pub fn operation_output(id: OperationId, vm: VmId) -> String {
    format!("/operations/{id}/output/{vm}.txt")
}

/// Path and query of where somebody is, in one piece. `search` may begin with a question mark.
pub fn address(path: &str, search: &str) -> String {
    if search.is_empty() { path.to_owned() } else { format!("{path}?{}", search.trim_start_matches('?')) }
}

/// `path` with those of `pairs` that are not empty, percent-encoded.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    let mut join = if path.contains('?') { '&' } else { '?' };
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(text, "{join}{name}={}", encode(value));
        join = '&';
    }
    text
}

/// Percent-encodes everything but letters, digits and `-._~,`.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// `next` if it is an address of this portal (a path, no other origin), else home. For redirects after signing in.
pub fn local_or_home(next: &str) -> &str {
    let local = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if local { next } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_map() {
        let id = "01939e2c-0000-7000-8000-000000000001";
        let (vm_id, operation_id): (VmId, OperationId) = (id.parse().expect("id"), id.parse().expect("id"));
        let publisher: Publisher = "Annex.Extensions".parse().expect("publisher");
        let kind: ExtensionType = "CustomScript".parse().expect("type");
        let version: ExtensionVersion = "1.1.0".parse().expect("version");
        let name: ExtensionName = "CustomScript".parse().expect("name");
        let all = [
            HOME.into(),
            SIGN_IN.into(),
            WELCOME.into(),
            VMS.into(),
            VM_NEW.into(),
            vm(vm_id),
            vm_extensions(vm_id),
            vm_activity(vm_id),
            vm_agent(vm_id),
            vm_agent_log(vm_id, 3),
            vm_json(vm_id),
            vm_extension(vm_id, &name),
            vm_extension_settings(vm_id, &name),
            MARKETPLACE.into(),
            image(&publisher, &kind, None),
            image(&publisher, &kind, Some(&version)),
            install(&publisher, &kind, Some(&version), &[vm_id]),
            OPERATIONS.into(),
            operation(operation_id),
            operation_output(operation_id, vm_id),
            ACTIVITY.into(),
            ACTIVITY_CSV.into(),
            ACCOUNT.into(),
            ACCESS.into(),
            API.into(),
            API_DOCUMENT.into(),
        ];
        let expected = "/ /sign-in /welcome /vms /vms/new /vms/ID /vms/ID/extensions /vms/ID/activity /vms/ID/agent \
            /vms/ID/agent-log/3 /vms/ID/json \
            /vms/ID/extensions/CustomScript /vms/ID/extensions/CustomScript/settings /marketplace /marketplace/Annex.Extensions/CustomScript \
            /marketplace/Annex.Extensions/CustomScript?version=1.1.0 \
            /install/Annex.Extensions/CustomScript?version=1.1.0&targets=ID /operations /operations/ID \
            /operations/ID/output/ID.txt /activity /activity.csv /account /access /api /openapi.json";
        assert_eq!(all.join(" ").replace(id, "ID"), expected);
    }

    #[test]
    fn only_own_addresses_are_followed() {
        for (next, expected) in [
            ("/vms?q=a", "/vms?q=a"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(local_or_home(next), expected, "{next:?}");
        }
        assert_eq!(with_query("/vms", &[("q", "a b&c"), ("f", "")]), "/vms?q=a%20b%26c");
    }
}
