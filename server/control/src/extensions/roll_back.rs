//! An earlier revision again: its version, its settings and its protected settings, without anybody seeing those.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    generation::Generation,
    ids::{OperationId, VmId},
    name::ExtensionName,
    operation::OperationKind,
};

use super::applied_version;
use crate::{
    Control, Error,
    operations::accept::{Change, subject},
};

impl Control {
    pub(crate) async fn roll_back(
        &self,
        actor: &Actor,
        vm: VmId,
        name: &ExtensionName,
        revision: i64,
        seen: Option<Generation>,
    ) -> Result<OperationId, Error> {
        let mut tx = self.inner.store.begin().await?;
        let vm = self.vm_of(&mut tx, vm).await?;
        actor.require_on(Permission::ChangeExtensions, &vm)?;
        vm.extension_change_allowed()?;
        let mut row = self.extension_of(&mut tx, &vm, name).await?;
        row.extension.check_match(seen)?;
        if revision == row.extension.revision {
            return Err(Fault::not_allowed(format!("Revision {revision} is the present one.")).into());
        }
        let Some(earlier) = tx.revision_get(row.extension.id, revision).await? else {
            return Err(Fault::not_found(format!("{name} on {} has no revision {revision}.", vm.name)).into());
        };
        let same_settings = earlier.settings == row.extension.settings && earlier.protected == row.protected;
        row.protected = earlier.protected;
        let before = applied_version(&row.extension);
        let e = &mut row.extension;
        (e.version, e.settings, e.protected) = (earlier.version, earlier.settings, earlier.protected_note);
        e.provision_after = earlier.provision_after;
        if !same_settings {
            e.sequence_number = e.sequence_number.next();
        }
        let new_version = before.as_ref() != Some(&row.extension.version);
        let image = self.image_of(&mut tx, &row.extension).await?;
        let kind = row.extension.change_here(OperationKind::RollBack);
        let mut acceptance = self.acceptance(actor, kind, subject(&image, &row.extension, kind));
        self.make_way(&mut tx, &mut acceptance, &row, &vm).await?;
        let change = Change { vm, row, is_new: false, kind, new_version };
        self.accept_change(&mut tx, &mut acceptance, change, &image).await?;
        let id = self.accept_operation(&mut tx, &mut acceptance).await?;
        self.commit(tx, acceptance.touched).await?;
        Ok(id)
    }
}
