//! What programs ask: tokens, and the ARM API. No session is looked for here.

use domain::actor::Permission::{ChangeExtensions, ChangeMachines, ManageAccounts, ManageGroups, ManageMachines, Read};

use super::{
    Access::{Anybody, Encrypted, Program, SignedIn},
    Row, row,
};

/// Their rows.
pub(super) const ROWS: &[Row] = &[
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
];
