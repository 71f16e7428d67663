//! Forgetting a service principal with its secrets and roles.

use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    ids::PrincipalId,
};

use super::access_touched;
use crate::{Control, Error};

impl Control {
    pub(crate) async fn delete_principal(&self, actor: &Actor, id: PrincipalId) -> Result<(), Error> {
        actor.require(Permission::ManageAccounts)?;
        let mut tx = self.inner.store.begin().await?;
        let row = self.principal_of(&mut tx, id).await?;
        tx.service_principal_delete(id).await?;
        let action = format!("deleted the service principal {}", row.principal.name);
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, None).await?;
        self.commit(tx, access_touched()).await
    }
}
