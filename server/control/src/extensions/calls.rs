//! What pages ask about extensions.

use async_trait::async_trait;
use domain::{
    actor::{Actor, Permission},
    extension::{ExtensionDetail, ExtensionForm, PreflightRow},
    fault::Fault,
    generation::Generation,
    ids::{OperationId, VmId},
    name::ExtensionName,
    portal::ExtensionCalls,
    version::ExtensionVersion,
};

use crate::Control;

#[async_trait]
impl ExtensionCalls for Control {
    async fn extension_get(&self, actor: &Actor, vm: VmId, name: ExtensionName) -> Result<ExtensionDetail, Fault> {
        Ok(self.extension_detail(actor, vm, &name).await?)
    }

    async fn extension_preflight(&self, actor: &Actor, form: ExtensionForm) -> Result<Vec<PreflightRow>, Fault> {
        Ok(self.preflight(actor, form).await?)
    }

    async fn extension_put(&self, actor: &Actor, form: ExtensionForm) -> Result<OperationId, Fault> {
        actor.require_somewhere(Permission::ChangeExtensions)?;
        let command = {
            let mut conn = self.inner.store.read().await.map_err(crate::Error::from)?;
            self.read_form(&mut conn, &form).await?.0
        };
        Ok(self.put_extension(actor, command).await?)
    }

    async fn extension_run_again(
        &self,
        actor: &Actor,
        vm: VmId,
        name: ExtensionName,
        seen: Option<Generation>,
    ) -> Result<OperationId, Fault> {
        Ok(self.run_again(actor, vm, &name, seen).await?)
    }

    async fn extension_change_version(
        &self,
        actor: &Actor,
        vm: VmId,
        name: ExtensionName,
        version: ExtensionVersion,
        seen: Option<Generation>,
    ) -> Result<OperationId, Fault> {
        Ok(self.change_version(actor, vm, &name, version, seen).await?)
    }

    async fn extension_roll_back(
        &self,
        actor: &Actor,
        vm: VmId,
        name: ExtensionName,
        revision: i64,
        seen: Option<Generation>,
    ) -> Result<OperationId, Fault> {
        Ok(self.roll_back(actor, vm, &name, revision, seen).await?)
    }

    async fn extension_remove(&self, actor: &Actor, vm: VmId, name: ExtensionName) -> Result<OperationId, Fault> {
        Ok(self.remove(actor, vm, &name).await?)
    }
}
