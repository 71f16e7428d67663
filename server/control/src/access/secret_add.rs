//! Another secret for a service principal: two at a time, so that a program can be moved from one to the next.

use domain::{
    access::{NewSecret, SECRET_HINT, SecretNote, check_secret_days},
    activity::Outcome,
    actor::{Actor, Permission},
    ids::{PrincipalId, SecretId},
};
use store::Tx;

use super::access_touched;
use crate::{Control, Error, secrets};

const DAY_MS: i64 = 86_400_000;

impl Control {
    /// Errors: `InvalidParameter` (days), `OperationNotAllowed` when there are two already.
    pub(crate) async fn add_secret(&self, actor: &Actor, id: PrincipalId, days: u32) -> Result<NewSecret, Error> {
        actor.require(Permission::ManageAccounts)?;
        check_secret_days(days)?;
        let installation = self.installation().await?;
        let mut tx = self.inner.store.begin().await?;
        let mut principal = self.principal_of(&mut tx, id).await?.principal;
        principal.another_secret()?;
        let (note, secret) = self.new_secret(&mut tx, id, days).await?;
        let detail = format!("{}…, expires {}", note.hint, note.expires_at.rfc3339());
        principal.secrets.push(note);
        let action = format!("added a secret to the service principal {}", principal.name);
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, Some(detail)).await?;
        self.commit(tx, access_touched()).await?;
        Ok(NewSecret { principal, secret, installation })
    }

    /// Makes and keeps a secret: what it may be known by, and the secret itself.
    pub(crate) async fn new_secret(
        &self,
        tx: &mut Tx,
        owner: PrincipalId,
        days: u32,
    ) -> Result<(SecretNote, String), Error> {
        let now = self.now();
        let secret = secrets::random_text(self.inner.context.ids.as_ref());
        let note = SecretNote {
            id: SecretId::new(self.new_uuid()),
            hint: secret.chars().take(SECRET_HINT).collect(),
            created_at: now,
            expires_at: now.plus_millis(i64::from(days) * DAY_MS),
        };
        tx.service_principal_secret_insert(owner, &note, &secrets::hash(&secret)).await?;
        Ok((note, secret))
    }
}
