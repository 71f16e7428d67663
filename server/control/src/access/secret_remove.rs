//! Taking a secret of a service principal away: tokens that it got are void at once.

use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    fault::Fault,
    ids::{PrincipalId, SecretId},
};

use super::access_touched;
use crate::{Control, Error};

impl Control {
    /// Errors: `ResourceNotFound`.
    pub(crate) async fn remove_secret(&self, actor: &Actor, id: PrincipalId, secret: SecretId) -> Result<(), Error> {
        actor.require(Permission::ManageAccounts)?;
        let mut tx = self.inner.store.begin().await?;
        let principal = self.principal_of(&mut tx, id).await?.principal;
        let note = principal.secrets.iter().find(|note| note.id == secret);
        let note = note.ok_or_else(|| Fault::not_found("There is no such secret; it may have been removed."))?;
        tx.service_principal_secret_delete(id, secret).await?;
        let action = format!("removed a secret of the service principal {}", principal.name);
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, Some(format!("{}…", note.hint))).await?;
        self.commit(tx, access_touched()).await
    }
}
