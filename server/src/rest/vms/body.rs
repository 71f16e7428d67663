//! A machine as ARM describes it (arm-api, section 4.2).

use std::collections::BTreeMap;

use control::{VmWithExtensions, VmWords};
use domain::{
    extension::Extension,
    fault::Fault,
    generation::Generation,
    instance_view::{VmView, vm_view},
    version::ExtensionVersion,
    vm::{MachineKind, Vm},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::{caller::Caller, extensions::body::ExtensionBody, id};

/// A machine.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachine)]
pub(in crate::rest) struct VmBody {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    location: String,
    /// There even when there are none: `az vm update --set tags.a=b` writes into what it has read.
    tags: BTreeMap<String, String>,
    /// Quoted decimal number; send it back in If-Match.
    etag: String,
    properties: VmProperties,
    /// Its extensions; absent when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<ExtensionBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineProperties)]
struct VmProperties {
    vm_id: String,
    provisioning_state: &'static str,
    hardware_profile: HardwareProfile,
    storage_profile: StorageProfile,
    os_profile: OsProfile,
    network_profile: NetworkProfile,
    time_created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_view: Option<VmView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HardwareProfile {
    vm_size: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StorageProfile {
    #[serde(skip_serializing_if = "Option::is_none")]
    image_reference: Option<ImageReference>,
    os_disk: OsDisk,
    #[schema(value_type = Vec<Object>)]
    data_disks: [(); 0],
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImageReference {
    publisher: String,
    offer: String,
    sku: String,
    version: String,
    exact_version: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OsDisk {
    os_type: &'static str,
    name: String,
    create_option: &'static str,
    caching: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OsProfile {
    computer_name: String,
    linux_configuration: LinuxConfiguration,
    #[schema(value_type = Vec<Object>)]
    secrets: [(); 0],
    allow_extension_operations: bool,
    require_guest_provision_signal: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LinuxConfiguration {
    disable_password_authentication: bool,
    #[serde(rename = "provisionVMAgent")]
    provision_vm_agent: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NetworkProfile {
    #[schema(value_type = Vec<Object>)]
    network_interfaces: [(); 0],
}

/// A page of machines.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineListResult)]
pub(in crate::rest) struct VmList {
    pub(super) value: Vec<VmBody>,
    /// Where the next page is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_link: Option<String>,
}

/// What a PUT or PATCH says of a machine. What Annex does not decide (size, disks, network) is let be.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineUpdate, example = json!({"location": "annex", "tags": {"role": "web"}, "properties": {
    "osProfile": {"linuxConfiguration": {"provisionVMAgent": true}},
}}))]
pub(in crate::rest) struct VmSent {
    location: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    properties: Option<SentProperties>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineUpdateProperties)]
struct SentProperties {
    os_profile: Option<SentOsProfile>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OsProfileUpdate)]
struct SentOsProfile {
    /// False: no extension may be changed.
    allow_extension_operations: Option<bool>,
    linux_configuration: Option<SentLinux>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinuxConfigurationUpdate)]
struct SentLinux {
    /// False: the machine has no agent. Decided when it is registered.
    #[serde(rename = "provisionVMAgent")]
    provision_vm_agent: Option<bool>,
}

impl VmSent {
    /// In the use cases' words. Error: `LocationRequired` for a whole machine without one.
    pub(super) fn words(self, whole: bool) -> Result<VmWords, Fault> {
        if whole && self.location.as_deref().is_none_or(|l| l.trim().is_empty()) {
            let message = "The location property is required for this definition. Name one, for example annex.";
            return Err(Fault { code: "LocationRequired".into(), ..Fault::invalid("location", message) });
        }
        let os = self.properties.and_then(|p| p.os_profile);
        Ok(VmWords {
            location: self.location.map(|text| text.parse()).transpose()?,
            tags: self.tags,
            allow_extension_operations: os.as_ref().and_then(|os| os.allow_extension_operations),
            provision_guest_agent: os.and_then(|os| os.linux_configuration).and_then(|l| l.provision_vm_agent),
        })
    }
}

/// The ETag of a machine: its generation as a quoted decimal number.
pub(super) fn etag(generation: Generation) -> String {
    format!("\"{generation}\"")
}

/// A machine; with what it reported when `versions` (those of its extensions, as they were asked for) are given.
pub(super) fn vm_body(caller: &Caller, machine: &VmWithExtensions, versions: Option<&[ExtensionVersion]>) -> VmBody {
    let vm = &machine.vm;
    let resources = machine.extensions.iter().filter(|e| !control::run_commands::is_run_command(e));
    let resources = resources.map(|e: &Extension| ExtensionBody::of(caller, vm, e, None)).collect();
    VmBody {
        id: id::vm(&caller.subscription, vm),
        name: vm.name.to_string(),
        kind: "Microsoft.Compute/virtualMachines",
        location: vm.location.to_string(),
        tags: vm.tags.clone(),
        etag: etag(vm.generation),
        properties: VmProperties {
            vm_id: vm.id.to_string(),
            provisioning_state: "Succeeded",
            hardware_profile: HardwareProfile { vm_size: size(vm) },
            storage_profile: StorageProfile {
                image_reference: vm.os.as_ref().map(|os| ImageReference {
                    publisher: os.id.clone(),
                    offer: os.id.clone(),
                    sku: os.version.clone(),
                    version: "latest".into(),
                    exact_version: os.version.clone(),
                }),
                os_disk: OsDisk {
                    os_type: "Linux",
                    name: format!("{}_OsDisk", vm.name),
                    create_option: "Attach",
                    caching: "None",
                },
                data_disks: [],
            },
            os_profile: OsProfile {
                computer_name: vm.hostname.clone().unwrap_or_else(|| vm.name.to_string()),
                linux_configuration: LinuxConfiguration {
                    disable_password_authentication: false,
                    provision_vm_agent: vm.provision_guest_agent,
                },
                secrets: [],
                allow_extension_operations: vm.allow_extension_operations,
                require_guest_provision_signal: false,
            },
            network_profile: NetworkProfile { network_interfaces: [] },
            time_created: vm.created_at.rfc3339(),
            instance_view: versions
                .map(|versions| vm_view(&machine.vm, machine.health.word(), &machine.extensions, versions)),
        },
        resources,
    }
}

const fn size(vm: &Vm) -> &'static str {
    match vm.kind {
        MachineKind::Lab => "Annex_Lab",
        MachineKind::External => "Annex_External",
    }
}
