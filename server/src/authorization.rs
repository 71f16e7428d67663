//! Who may ask what: every route and every server function, in one table. What is not in it is refused.
//!
//! The guard (`http::guard`) enforces the table before a handler runs; the use cases check again, with the same
//! `Permission`. A test walks the router and the registered server functions and fails by name when a row is missing.

use std::{collections::HashMap, sync::OnceLock};

use axum::http::Method;
use domain::actor::Permission;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; no credential is looked at.
    Anybody,
    /// Everybody with a browser: the session is known if there is one, and other sites are kept out.
    Visitor,
    /// Somebody who is signed in and has this permission at one place at least; the use case asks again, at the place.
    Person(Permission),
    /// An enrolled machine, by its own credential.
    Machine,
    /// A program or a machine with a token, over TLS, that has this permission at one place at least; the use case asks
    /// again, at the place.
    Program(Permission),
    /// A program or a machine with a token, over TLS, whatever its roles: it is told what it can see, which may be nothing.
    SignedIn,
    /// Everybody, over TLS only: what is sent or answered there is, or leads to, a secret.
    Encrypted,
    /// Whoever asks from this host, and Owners.
    Operator,
}

/// One row: a method, a route template, who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// `GET`, `POST`, `PUT`. `HEAD` counts as `GET`.
    pub method: &'static str,
    /// The route as the router knows it.
    pub route: &'static str,
    /// Who may ask.
    pub access: Access,
}

const fn row(method: &'static str, route: &'static str, access: Access) -> Row {
    Row { method, route, access }
}

use Access::{Anybody, Encrypted, Machine, Operator, Person, Program, SignedIn, Visitor};
use Permission::{
    AcceptRisk, ChangeExtensions, ChangeMachines, ManageAccounts, ManageGroups, ManageMachines, PublishPackages, Read,
};

/// The whole table.
pub const TABLE: &[Row] = &[
    // the server itself
    row("GET", "/healthz", Anybody),
    row("GET", "/readyz", Anybody),
    row("GET", "/metrics", Operator),
    row("GET", "/ca.pem", Anybody),
    row("GET", "/pkg/{*path}", Anybody),
    // before and around signing in
    row("GET", "/sign-in", Visitor),
    row("POST", "/sign-in", Visitor),
    row("POST", "/sign-out", Visitor),
    row("GET", "/welcome", Visitor),
    row("POST", "/welcome", Visitor),
    row("POST", "/theme", Visitor),
    // pages: they show what the role may not do, with the reason, so looking takes no more than Read
    row("GET", "/", Person(Read)),
    row("GET", "/marketplace", Person(Read)),
    row("GET", "/marketplace/{publisher}/{type}", Person(Read)),
    row("GET", "/install/{publisher}/{type}", Person(Read)),
    row("GET", "/vms", Person(Read)),
    row("GET", "/vms/new", Person(Read)),
    row("GET", "/vms/{id}", Person(Read)),
    row("GET", "/vms/{id}/extensions", Person(Read)),
    row("GET", "/vms/{id}/activity", Person(Read)),
    row("GET", "/vms/{id}/agent", Person(Read)),
    row("GET", "/vms/{id}/json", Person(Read)),
    row("GET", "/vms/{id}/extensions/{name}", Person(Read)),
    row("GET", "/vms/{id}/extensions/{name}/settings", Person(Read)),
    row("GET", "/operations", Person(Read)),
    row("GET", "/operations/{id}", Person(Read)),
    row("GET", "/activity", Person(Read)),
    row("GET", "/account", Person(Read)),
    row("GET", "/access", Person(Read)),
    row("GET", "/api", Person(Read)),
    row("GET", "/{*any}", Person(Read)),
    // the same pages as the answer to a form of theirs that was refused: nothing is changed by it
    row("POST", "/", Person(Read)),
    row("POST", "/marketplace", Person(Read)),
    row("POST", "/marketplace/{publisher}/{type}", Person(Read)),
    row("POST", "/install/{publisher}/{type}", Person(Read)),
    row("POST", "/vms", Person(Read)),
    row("POST", "/vms/new", Person(Read)),
    row("POST", "/vms/{id}", Person(Read)),
    row("POST", "/vms/{id}/extensions", Person(Read)),
    row("POST", "/vms/{id}/activity", Person(Read)),
    row("POST", "/vms/{id}/agent", Person(Read)),
    row("POST", "/vms/{id}/json", Person(Read)),
    row("POST", "/vms/{id}/extensions/{name}", Person(Read)),
    row("POST", "/vms/{id}/extensions/{name}/settings", Person(Read)),
    row("POST", "/operations", Person(Read)),
    row("POST", "/operations/{id}", Person(Read)),
    row("POST", "/activity", Person(Read)),
    row("POST", "/account", Person(Read)),
    row("POST", "/access", Person(Read)),
    row("POST", "/api", Person(Read)),
    // beside the pages
    row("GET", "/live", Person(Read)),
    row("GET", "/operations/{id}/output/{file}", Person(Read)),
    row("GET", "/vms/{id}/agent-log/{number}", Person(Read)),
    row("GET", "/activity.csv", Person(Read)),
    row("POST", "/packages", Person(PublishPackages)),
    // server functions
    row("GET", "/api/frame", Person(Read)),
    row("GET", "/api/home", Person(Read)),
    row("GET", "/api/activity", Person(Read)),
    row("POST", "/api/account/password", Person(Read)),
    row("GET", "/api/accounts", Person(ManageAccounts)),
    row("POST", "/api/accounts/create", Person(ManageAccounts)),
    row("POST", "/api/accounts/update", Person(ManageAccounts)),
    row("GET", "/api/reference", Person(Read)),
    row("GET", "/api/access", Person(ManageAccounts)),
    row("POST", "/api/access/principals/create", Person(ManageAccounts)),
    row("POST", "/api/access/principals/enable", Person(ManageAccounts)),
    row("POST", "/api/access/principals/delete", Person(ManageAccounts)),
    row("POST", "/api/access/secrets/add", Person(ManageAccounts)),
    row("POST", "/api/access/secrets/remove", Person(ManageAccounts)),
    row("POST", "/api/access/roles/assign", Person(ManageAccounts)),
    row("POST", "/api/access/roles/remove", Person(ManageAccounts)),
    row("GET", "/api/images", Person(Read)),
    row("GET", "/api/images/get", Person(Read)),
    row("GET", "/api/extensions/get", Person(Read)),
    row("POST", "/api/extensions/preflight", Person(ChangeExtensions)),
    row("POST", "/api/extensions/put", Person(ChangeExtensions)),
    row("POST", "/api/extensions/run-again", Person(ChangeExtensions)),
    row("POST", "/api/extensions/change-version", Person(ChangeExtensions)),
    row("POST", "/api/extensions/roll-back", Person(ChangeExtensions)),
    row("POST", "/api/extensions/remove", Person(ChangeExtensions)),
    row("GET", "/api/operations", Person(Read)),
    row("GET", "/api/operations/get", Person(Read)),
    row("GET", "/api/operations/output", Person(Read)),
    row("POST", "/api/operations/cancel", Person(ChangeExtensions)),
    row("POST", "/api/operations/retry", Person(ChangeExtensions)),
    row("GET", "/api/vms", Person(Read)),
    row("GET", "/api/vms/get", Person(Read)),
    row("GET", "/api/vms/instance-view", Person(Read)),
    row("GET", "/api/vms/agent", Person(Read)),
    row("POST", "/api/vms/power", Person(ChangeMachines)),
    row("POST", "/api/vms/tags", Person(ChangeMachines)),
    row("POST", "/api/vms/delete", Person(ManageMachines)),
    row("GET", "/api/lab/isolation", Person(Read)),
    row("POST", "/api/lab/create", Person(ManageMachines)),
    row("POST", "/api/lab/network", Person(ManageMachines)),
    row("POST", "/api/lab/accept-risk", Person(AcceptRisk)),
    row("POST", "/api/vms/register", Person(ManageMachines)),
    row("POST", "/api/vms/allow-extensions", Person(ManageMachines)),
    row("POST", "/api/vms/agent-present", Person(ManageMachines)),
    row("POST", "/api/enrolment/offer", Person(ManageMachines)),
    row("GET", "/api/enrolment/script", Person(Read)),
    row("GET", "/api/image-tokens", Person(ManageMachines)),
    row("POST", "/api/image-tokens/create", Person(ManageMachines)),
    row("POST", "/api/image-tokens/revoke", Person(ManageMachines)),
    // programs get tokens
    row("GET", "/metadata/endpoints", Encrypted),
    row("GET", "/aliases.json", Encrypted),
    row("GET", "/login/{tenant}/.well-known/openid-configuration", Encrypted),
    row("GET", "/login/{tenant}/v2.0/.well-known/openid-configuration", Encrypted),
    row("GET", "/login/{tenant}/adfs/v2.0/.well-known/openid-configuration", Encrypted),
    row("GET", "/login/{tenant}/discovery/keys", Encrypted),
    row("GET", "/login/{tenant}/discovery/v2.0/keys", Encrypted),
    row("POST", "/login/{tenant}/oauth2/token", Encrypted),
    row("POST", "/login/{tenant}/oauth2/v2.0/token", Encrypted),
    row("GET", "/login/{tenant}/oauth2/authorize", Encrypted),
    row("POST", "/login/{tenant}/oauth2/authorize", Encrypted),
    row("GET", "/login/{tenant}/oauth2/v2.0/authorize", Encrypted),
    row("POST", "/login/{tenant}/oauth2/v2.0/authorize", Encrypted),
    row("GET", "/login/{tenant}/oauth2/devicecode", Encrypted),
    row("POST", "/login/{tenant}/oauth2/devicecode", Encrypted),
    row("GET", "/login/{tenant}/oauth2/v2.0/devicecode", Encrypted),
    row("POST", "/login/{tenant}/oauth2/v2.0/devicecode", Encrypted),
    // the ARM API
    row("GET", "/subscriptions", SignedIn),
    row("GET", "/subscriptions/{subscriptionId}", Program(Read)),
    row("GET", "/tenants", SignedIn),
    row("GET", "/subscriptions/{subscriptionId}/locations", Program(Read)),
    row("GET", "/subscriptions/{subscriptionId}/providers", Program(Read)),
    row("GET", "/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}", Program(Read)),
    row("POST", "/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}/register", Program(Read)),
    row("GET", "/subscriptions/{subscriptionId}/resources", Program(Read)),
    row("GET", "/subscriptions/{subscriptionId}/providers/Microsoft.Network/networkInterfaces", Program(Read)),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/networkInterfaces",
        Program(Read),
    ),
    row("GET", "/subscriptions/{subscriptionId}/providers/Microsoft.Network/publicIPAddresses", Program(Read)),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/publicIPAddresses",
        Program(Read),
    ),
    row("GET", "/subscriptions/{subscriptionId}/tagNames", Program(Read)),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/vmSizes",
        Program(Read),
    ),
    row("GET", "/subscriptions/{subscriptionId}/resourceGroups", Program(Read)),
    row("GET", "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}", Program(Read)),
    row("PUT", "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}", Program(ManageGroups)),
    row("PATCH", "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}", Program(ManageGroups)),
    row("DELETE", "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}", Program(ManageGroups)),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers/{publisherName}/artifacttypes/vmextension/types",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers/{publisherName}/artifacttypes/vmextension/types/{type}/versions",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers/{publisherName}/artifacttypes/vmextension/types/{type}/versions/{version}",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines",
        Program(Read),
    ),
    row("GET", "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/virtualMachines", Program(Read)),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
        Program(Read),
    ),
    row(
        "PUT",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
        Program(ManageMachines),
    ),
    row(
        "PATCH",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
        Program(ChangeMachines),
    ),
    row(
        "DELETE",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
        Program(ManageMachines),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/instanceView",
        Program(Read),
    ),
    row(
        "POST",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/start",
        Program(ChangeMachines),
    ),
    row(
        "POST",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/restart",
        Program(ChangeMachines),
    ),
    row(
        "POST",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/powerOff",
        Program(ChangeMachines),
    ),
    row(
        "POST",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/deallocate",
        Program(ChangeMachines),
    ),
    row(
        "POST",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/redeploy",
        Program(ChangeMachines),
    ),
    row(
        "POST",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/reapply",
        Program(ChangeMachines),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
        Program(Read),
    ),
    row(
        "PUT",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
        Program(ChangeExtensions),
    ),
    row(
        "PATCH",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
        Program(ChangeExtensions),
    ),
    row(
        "DELETE",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
        Program(ChangeExtensions),
    ),
    row(
        "POST",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommand",
        Program(ChangeExtensions),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
        Program(Read),
    ),
    row(
        "PUT",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
        Program(ChangeExtensions),
    ),
    row(
        "PATCH",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
        Program(ChangeExtensions),
    ),
    row(
        "DELETE",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
        Program(ChangeExtensions),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/runCommands",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/runCommands/{commandId}",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/operations/{operationId}",
        Program(Read),
    ),
    row("GET", "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleDefinitions", Program(Read)),
    row("GET", "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments", Program(Read)),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(Read),
    ),
    row(
        "PUT",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(ManageAccounts),
    ),
    row(
        "DELETE",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(ManageAccounts),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleDefinitions",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(Read),
    ),
    row(
        "PUT",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(ManageAccounts),
    ),
    row(
        "DELETE",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(ManageAccounts),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleDefinitions",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments",
        Program(Read),
    ),
    row(
        "GET",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(Read),
    ),
    row(
        "PUT",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(ManageAccounts),
    ),
    row(
        "DELETE",
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Program(ManageAccounts),
    ),
    row("GET", "/openapi.json", Anybody),
    row("POST", "/v1.0/directoryObjects/getByIds", Program(Read)),
    row("GET", "/v1.0/servicePrincipals", Program(Read)),
    row("GET", "/v1.0/users", Program(Read)),
    // machines
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

/// What the table says about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ask for this.
    Needs(Access),
    /// The route exists, not for this method.
    OtherMethod,
    /// No such route, or one that nobody gave a row.
    Unknown,
}

/// Looks a request up by its method and its route template.
#[must_use]
pub fn verdict(method: &Method, route: &str) -> Verdict {
    static INDEX: OnceLock<HashMap<&'static str, Vec<Row>>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        TABLE.iter().fold(HashMap::new(), |mut index, row| {
            index.entry(row.route).or_insert_with(Vec::new).push(*row);
            index
        })
    });
    let Some(rows) = index.get(route) else { return Verdict::Unknown };
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    rows.iter().find(|row| row.method == method).map_or(Verdict::OtherMethod, |row| Verdict::Needs(row.access))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use axum::http::Method;
    use domain::actor::Permission;

    use super::{Access, TABLE, Verdict, verdict};

    #[test]
    fn what_is_not_in_the_table_is_refused() {
        assert_eq!(verdict(&Method::GET, "/nobody/wrote/this"), Verdict::Unknown);
        assert_eq!(verdict(&Method::DELETE, "/vms"), Verdict::OtherMethod);
        assert_eq!(verdict(&Method::HEAD, "/vms"), Verdict::Needs(Access::Person(Permission::Read)));
    }

    #[test]
    fn every_row_stands_once_and_changes_are_never_reads() {
        let mut seen = HashSet::new();
        for row in TABLE {
            assert!(seen.insert((row.method, row.route)), "{} {} stands twice", row.method, row.route);
            // a list that only those may read who may change it; the use case behind it reads
            if row.method == "GET" && row.route != "/api/image-tokens" {
                assert!(
                    !matches!(row.access, Access::Person(p) if !matches!(p, Permission::Read | Permission::ManageAccounts)),
                    "GET {} must not change anything",
                    row.route
                );
            }
        }
    }
}
