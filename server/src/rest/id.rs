//! Resource ids, in the case that ARM writes them.

use domain::{extension::Extension, vm::Vm};

/// `/subscriptions/{id}`.
pub(super) fn subscription(subscription: &str) -> String {
    format!("/subscriptions/{subscription}")
}

/// A resource group.
pub(super) fn group(subscription: &str, group: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/{group}")
}

/// A machine.
pub(super) fn vm(subscription: &str, vm: &Vm) -> String {
    format!(
        "{}/providers/Microsoft.Compute/virtualMachines/{}",
        group(subscription, vm.resource_group.as_str()),
        vm.name
    )
}

/// An extension on a machine.
pub(super) fn extension(subscription: &str, on: &Vm, extension: &Extension) -> String {
    format!("{}/extensions/{}", vm(subscription, on), extension.name)
}

/// A managed run command on a machine.
pub(super) fn run_command(subscription: &str, on: &Vm, extension: &Extension) -> String {
    format!("{}/runCommands/{}", vm(subscription, on), extension.name)
}

/// A place of the catalogue; `rest` begins with a slash.
pub(super) fn catalogue(subscription: &str, location: &str, rest: &str) -> String {
    format!("/Subscriptions/{subscription}/Providers/Microsoft.Compute/Locations/{location}{rest}")
}
