//! Letting a service principal sign in, or not: its tokens are void at once.

use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    ids::PrincipalId,
};

use super::access_touched;
use crate::{Control, Error};

impl Control {
    pub(crate) async fn enable_principal(&self, actor: &Actor, id: PrincipalId, enabled: bool) -> Result<(), Error> {
        actor.require(Permission::ManageAccounts)?;
        let mut tx = self.inner.store.begin().await?;
        let mut row = self.principal_of(&mut tx, id).await?;
        if row.principal.enabled == enabled {
            return Ok(());
        }
        row.principal.enabled = enabled;
        // a stamp that it never had: what was issued before stays void when it is enabled again
        row.changed_at = self.now().max(row.changed_at.plus_millis(1));
        tx.service_principal_update(&row).await?;
        let verb = if enabled { "enabled" } else { "disabled" };
        let action = format!("{verb} the service principal {}", row.principal.name);
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, None).await?;
        self.commit(tx, access_touched()).await
    }
}
