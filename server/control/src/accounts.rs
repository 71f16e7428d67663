//! Accounts: who may sign in, and as what.

use async_trait::async_trait;
use domain::{
    activity::{ActivityEntry, ActivityFilter, Outcome},
    actor::{Account, Actor, Permission, Role, check_password},
    fault::{Fault, FaultKind},
    home::{Frame, Home},
    ids::AccountId,
    live::Topic,
    page::{Page, PageRequest},
    portal::AccountCalls,
    secret::Secret,
    timestamp::Timestamp,
};
use store::AccountRow;

use crate::{Control, Error, operations::driver::Touched};

#[async_trait]
impl AccountCalls for Control {
    async fn frame(&self, actor: &Actor) -> Result<Frame, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.frame_view(actor).await?)
    }

    async fn home(&self, actor: &Actor) -> Result<Home, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.home_view().await?)
    }

    async fn activity_list(
        &self,
        actor: &Actor,
        filter: ActivityFilter,
        page: PageRequest,
    ) -> Result<Page<ActivityEntry>, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.activity_page(&filter, page).await?)
    }

    async fn account_list(&self, actor: &Actor) -> Result<Vec<Account>, Fault> {
        actor.require(Permission::ManageAccounts)?;
        let mut conn = self.inner.store.read().await.map_err(Error::from)?;
        let rows = conn.account_list().await.map_err(Error::from)?;
        Ok(rows.into_iter().map(|r| r.account).collect())
    }

    async fn account_create(
        &self,
        actor: &Actor,
        name: String,
        role: Role,
        password: Secret,
    ) -> Result<Account, Fault> {
        actor.require(Permission::ManageAccounts)?;
        Ok(self.create_account(actor, name.trim(), role, password).await?)
    }

    async fn account_update(&self, actor: &Actor, id: AccountId, role: Role, enabled: bool) -> Result<(), Fault> {
        actor.require(Permission::ManageAccounts)?;
        Ok(self.update_account(actor, id, role, enabled).await?)
    }

    async fn password_change(&self, actor: &Actor, old: Secret, new: Secret) -> Result<(), Fault> {
        Ok(self.change_password(actor, old, new).await?)
    }
}

impl Control {
    async fn create_account(&self, actor: &Actor, name: &str, role: Role, password: Secret) -> Result<Account, Error> {
        let row = self.new_account(name, role, &password).await?;
        let mut tx = self.inner.store.begin().await?;
        tx.account_insert(&row).await?;
        let action = format!("created the account {name} as {}", role.label());
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, None).await?;
        self.commit(tx, accounts_touched()).await?;
        Ok(row.account)
    }

    async fn update_account(&self, actor: &Actor, id: AccountId, role: Role, enabled: bool) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let rows = tx.account_list().await?;
        let Some(mut row) = rows.iter().find(|r| r.account.id == id).cloned() else {
            return Err(Fault::not_found("There is no such account.").into());
        };
        let another_owner =
            rows.iter().any(|r| r.account.id != id && r.account.enabled && r.account.role == Role::Owner);
        if !another_owner && (role != Role::Owner || !enabled) {
            let message = format!("{} is the only Owner who can sign in. Make another Owner first.", row.account.name);
            return Err(Fault::not_allowed(message).into());
        }
        (row.account.role, row.account.enabled, row.changed_at) = (role, enabled, self.next_stamp(&row));
        tx.account_update(&row).await?;
        let state = if enabled { "" } else { ", disabled" };
        let action = format!("set the account {} to {}{state}", row.account.name, role.label());
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, None).await?;
        self.commit(tx, accounts_touched()).await
    }

    async fn change_password(&self, actor: &Actor, old: Secret, new: Secret) -> Result<(), Error> {
        check_password(new.reveal()).map_err(|f| f.at("new"))?;
        let Some(id) = actor.account else { return Err(Fault::forbidden("Only people have passwords.").into()) };
        let found = self.inner.store.read().await?.account_get(id).await?;
        let Some(mut row) = found else { return Err(Fault::not_found("There is no such account.").into()) };
        if !self.verify(Some(row.password_hash.clone()), old).await? {
            return Err(Fault::new(FaultKind::Invalid, "InvalidParameter", "That is not your present password.")
                .at("old")
                .into());
        }
        row.password_hash = self.hash_password(new).await?;
        row.changed_at = self.next_stamp(&row);
        let mut tx = self.inner.store.begin().await?;
        tx.account_update(&row).await?;
        self.note(&mut tx, actor, "changed the own password", None, Outcome::Succeeded, None).await?;
        self.commit(tx, accounts_touched()).await
    }
}

impl Control {
    /// A stamp that this account never had, also when the clock was set back: sessions of earlier ones are over.
    fn next_stamp(&self, row: &AccountRow) -> Timestamp {
        self.now().max(row.changed_at.plus_millis(1))
    }
}

fn accounts_touched() -> Touched {
    let mut touched = Touched::default();
    touched.topic(Topic::Accounts);
    touched.topic(Topic::Activity);
    touched
}
