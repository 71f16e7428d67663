//! Extensions on machines: one use case a file.

mod ask;
mod calls;
mod change_version;
mod form;
mod get;
mod preflight;
mod put;
mod read_asked;
mod remove;
mod roll_back;
mod run_again;
pub(crate) mod view;

pub use ask::OnVm;
use domain::{extension::Extension, fault::Fault, ids::VmId, name::ExtensionName, version::ExtensionVersion, vm::Vm};
use store::{Conn, ExtensionRow};

use crate::{Control, Error};

/// The version that was last reported from the machine.
pub(crate) fn applied_version(extension: &Extension) -> Option<ExtensionVersion> {
    extension.report.as_ref().and_then(|r| r.version.clone())
}

impl Control {
    /// A machine. Error: `ResourceNotFound`.
    pub(crate) async fn vm_of(&self, conn: &mut Conn, id: VmId) -> Result<Vm, Error> {
        let found = conn.vm_get(id).await?;
        found.ok_or_else(|| Fault::not_found(format!("There is no machine {id}; it may have been removed.")).into())
    }

    /// An extension on a machine. Error: `ResourceNotFound`.
    pub(crate) async fn extension_of(
        &self,
        conn: &mut Conn,
        vm: &Vm,
        name: &ExtensionName,
    ) -> Result<ExtensionRow, Error> {
        let found = conn.extension_get(vm.id, name).await?;
        found.ok_or_else(|| Fault::not_found(format!("There is no extension {name} on {}.", vm.name)).into())
    }
}
