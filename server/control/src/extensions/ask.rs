//! Extensions as programs put, change and remove them: by names, with what ARM says beside the settings.
//!
//! ```text
//!  AskedExtension ─► machine there, on, allowed? ─► name asked for ─► package (an original, or what stands in)
//!                 ─► version of the line ─► PutExtension ─► the same acceptance as the portal's
//! ```

use domain::{
    actor::{Actor, Permission},
    asked_extension::{AskedExtension, Extent},
    extension::Extension,
    fault::{Fault, FaultKind},
    ids::OperationId,
    name::ExtensionName,
    vm::Vm,
};
use store::Conn;

use crate::{Accepted, Control, Error, VmPlace, VmWithExtensions};

/// Tries when two requests for the same extension meet: the later one sees what the earlier one did.
const TRIES: u32 = 4;

/// An extension with the machine that it is on.
pub type OnVm = (VmWithExtensions, Extension);

impl Control {
    /// Installs an extension, or changes it. A request that changes nothing is told of the change under way, if any.
    ///
    /// Errors: `ParentResourceNotFound`, `OperationNotAllowed`, `ArtifactNotFound`, `ArtifactVersionNotFound`,
    /// `PropertyChangeNotAllowed`, `InvalidParameter` and those of [`Control::put_extension`].
    pub async fn extension_ask(
        &self,
        actor: &Actor,
        place: &VmPlace,
        name: &str,
        asked: &AskedExtension,
        extent: Extent,
    ) -> Result<Accepted<OnVm>, Error> {
        let mut tries = 0;
        loop {
            match self.ask_once(actor, place, name, asked, extent).await {
                Err(error) if tries < TRIES && (error.is_stale() || error.fault().code == "ResourceExists") => {
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    /// Removes an extension; `None` when there is none of this name, or no such machine.
    ///
    /// Errors: `AuthorizationFailed`, `OperationNotAllowed`.
    pub async fn extension_unask(
        &self,
        actor: &Actor,
        place: &VmPlace,
        name: &str,
    ) -> Result<Option<OperationId>, Error> {
        let (vm, extension, open) = {
            let mut conn = self.inner.store.read().await?;
            let vm = match self.vm_at(&mut conn, actor, Permission::ChangeExtensions, place).await {
                Err(error) if error.fault().kind == FaultKind::NotFound => return Ok(None),
                other => other?,
            };
            let Some(row) = self.extension_there(&mut conn, &vm, name).await? else { return Ok(None) };
            let open = self.open_change(&mut conn, &row).await?;
            (vm, row, open)
        };
        match open {
            Some(removal) if extension.removing => Ok(Some(removal)),
            _ => self.remove(actor, vm.id, &extension.name).await.map(Some),
        }
    }

    async fn ask_once(
        &self,
        actor: &Actor,
        place: &VmPlace,
        name: &str,
        asked: &AskedExtension,
        extent: Extent,
    ) -> Result<Accepted<OnVm>, Error> {
        let begun = self.now();
        let (command, is_new, vm) = {
            let mut conn = self.inner.store.read().await?;
            let vm = self.parent_at(&mut conn, actor, Permission::ChangeExtensions, place).await?;
            vm.extension_change_allowed()?;
            vm.running_for_programs()?;
            let before = self.extension_there(&mut conn, &vm, name).await?;
            if before.is_none() && extent == Extent::Part {
                self.extension_at(&mut conn, &vm, name).await?;
            }
            let name = name.parse::<ExtensionName>().map_err(|f: Fault| f.at("vmExtensionName"))?;
            let command = self.command(&mut conn, &vm, name, before.as_ref(), (asked, extent)).await?;
            (command, before.is_none(), vm)
        };
        let name = command.name.clone();
        let operation = self.put_if_changed(actor, command).await?;
        // of two that came at once, one made it
        let made = is_new && operation.is_some();
        let (machine, extension, open) = {
            let mut conn = self.inner.store.read().await?;
            let row = self.extension_at(&mut conn, &vm, name.as_str()).await?;
            let open = self.open_change(&mut conn, &row.extension).await?;
            (self.with_health(vm, Vec::new()), row.extension, open)
        };
        let operation = match operation.or(open) {
            Some(operation) => operation,
            None => self.settle(begun).await?,
        };
        Ok(Accepted { now: (machine, extension), made, operation })
    }

    async fn extension_there(&self, conn: &mut Conn, vm: &Vm, name: &str) -> Result<Option<Extension>, Error> {
        let Ok(name) = name.parse::<ExtensionName>() else { return Ok(None) };
        Ok(conn.extension_get(vm.id, &name).await?.map(|row| row.extension))
    }

    async fn open_change(&self, conn: &mut Conn, extension: &Extension) -> Result<Option<OperationId>, Error> {
        let open = conn.target_open_on(extension.vm_id).await?;
        let own = open.into_iter().find(|row| row.target.extension_id == Some(extension.id));
        Ok(own.map(|row| row.target.operation_id))
    }
}
