//! Another version of the package, up or down, with the same settings and the same sequence number.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    generation::Generation,
    ids::{OperationId, VmId},
    name::ExtensionName,
    operation::OperationKind,
    version::ExtensionVersion,
};

use crate::{
    Control, Error,
    goal_states::protected_place,
    operations::accept::{Change, subject},
    settings,
};

impl Control {
    pub(crate) async fn change_version(
        &self,
        actor: &Actor,
        vm: VmId,
        name: &ExtensionName,
        version: ExtensionVersion,
        seen: Option<Generation>,
    ) -> Result<OperationId, Error> {
        let mut tx = self.inner.store.begin().await?;
        let vm = self.vm_of(&mut tx, vm).await?;
        actor.require_on(Permission::ChangeExtensions, &vm)?;
        vm.extension_change_allowed()?;
        let mut row = self.extension_of(&mut tx, &vm, name).await?;
        row.extension.check_match(seen)?;
        if row.extension.version == version {
            return Err(Fault::not_allowed(format!("{name} on {} is at {version} already.", vm.name))
                .at("version")
                .into());
        }
        row.extension.version = version;
        let image = self.image_of(&mut tx, &row.extension).await?;
        // the other version may know other settings: say so now, not on the machine
        let place = protected_place(&row.extension);
        let protected = row.protected.as_ref().map(|sealed| self.inner.keys.sealer.open(&place, sealed)).transpose()?;
        let protected = protected.and_then(|text| serde_json::from_str(text.reveal()).ok());
        settings::check(&image, &row.extension.settings, protected.as_ref()).map_err(|mut fault| {
            fault.message = format!(
                "The present settings do not fit version {}: {} Change the settings first.",
                image.version, fault.message
            );
            fault
        })?;
        let kind = row.extension.change_here(OperationKind::ChangeVersion);
        let mut acceptance = self.acceptance(actor, kind, subject(&image, &row.extension, kind));
        self.make_way(&mut tx, &mut acceptance, &row, &vm).await?;
        let change = Change { vm, row, is_new: false, kind, new_version: true };
        self.accept_change(&mut tx, &mut acceptance, change, &image).await?;
        let id = self.accept_operation(&mut tx, &mut acceptance).await?;
        self.commit(tx, acceptance.touched).await?;
        Ok(id)
    }
}
