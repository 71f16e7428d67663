//! Tokens that are kept in images: each copy lets itself in.

use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    enrolment::{ImageToken, ImageTokenOrder},
    fault::Fault,
    guest_agent::EnrolmentOffer,
    ids::ImageTokenId,
    live::Topic,
};
use store::Tx;

use crate::{
    Control, EnrolRequest, Error,
    enrolment::{Invited, default_group, refused},
    operations::driver::Touched,
    secrets,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

const DAY_MS: i64 = 86_400_000;

impl Control {
    pub(crate) async fn list_image_tokens(&self, actor: &Actor) -> Result<Vec<ImageToken>, Error> {
        actor.require_in(Permission::ManageMachines, &default_group())?;
        Ok(self.inner.store.read().await?.image_token_list().await?)
    }

    pub(crate) async fn create_image_token(
        &self,
        actor: &Actor,
        order: ImageTokenOrder,
    ) -> Result<EnrolmentOffer, Error> {
        actor.require_in(Permission::ManageMachines, &default_group())?;
        order.check()?;
        let now = self.now();
        let secret = secrets::new_token("annex-image", self.inner.context.ids.as_ref());
        let token = ImageToken {
            id: ImageTokenId::new(self.new_uuid()),
            name_prefix: order.name_prefix.trim().to_owned(),
            created_by: actor.name.clone(),
            created_at: now,
            expires_at: now.plus_millis(i64::from(order.days) * DAY_MS),
            uses_allowed: order.uses,
            uses: 0,
            revoked_at: None,
        };
        let mut tx = self.inner.store.begin().await?;
        tx.image_token_insert(&token, &secrets::hash(&secret)).await?;
        let detail = format!("for {} machines, {} days", order.uses, order.days);
        self.note(&mut tx, actor, "made an image token", None, Outcome::Succeeded, Some(detail)).await?;
        self.commit(tx, about_tokens()).await?;
        Ok(self.offer(secret, None, token.expires_at))
    }

    pub(crate) async fn revoke_image_token(&self, actor: &Actor, id: ImageTokenId) -> Result<(), Error> {
        actor.require_in(Permission::ManageMachines, &default_group())?;
        let now = self.now();
        let mut tx = self.inner.store.begin().await?;
        let token = tx.image_token_get(id).await?;
        let token = token.ok_or_else(|| Fault::not_found("There is no such image token."))?;
        token.revocable(now)?;
        tx.image_token_revoke(id, now).await?;
        let detail = format!("{} of {} machines have used it", token.uses, token.uses_allowed);
        self.note(&mut tx, actor, "revoked an image token", None, Outcome::Succeeded, Some(detail)).await?;
        self.commit(tx, about_tokens()).await
    }

    /// Takes one use of an image's token. A copy that never got the answer to its first try is the same machine: it
    /// shows the same certificate, and nobody has spoken for it since.
    pub(crate) async fn use_image_token(
        &self,
        tx: &mut Tx,
        hash: &str,
        request: &EnrolRequest,
    ) -> Result<Invited, Error> {
        let token = tx.image_token_by_hash(hash).await?.ok_or_else(refused)?;
        let again = match token.revoked_at.is_none() && token.expires_at > self.now() {
            true => tx.agent_never_seen(&STANDARD.encode(&request.certificate_der)).await?,
            false => None,
        };
        if again.is_none() {
            // a stranger reads the same words, whatever is wrong with it
            token.usable(self.now()).map_err(|_| refused())?;
            if !tx.image_token_use(token.id).await? {
                return Err(refused().into());
            }
        }
        Ok(Invited { by: token.created_by, vm: again, becomes: None, name: None, prefix: token.name_prefix })
    }
}

fn about_tokens() -> Touched {
    let mut touched = Touched::default();
    touched.topic(Topic::Vms);
    touched.topic(Topic::Activity);
    touched
}
