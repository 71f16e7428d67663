//! Accounts.

use domain::{
    actor::{Account, Role},
    ids::AccountId,
    timestamp::Timestamp,
};
use sqlx::any::AnyRow;

use crate::{Conn, Error, row::Reader};

/// An account with what only the server may know.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// What others may see.
    pub account: Account,
    /// argon2id in PHC form.
    pub password_hash: String,
    /// Last change of password, role or enabled; rises with every change. Sessions begun under another value are over.
    pub changed_at: Timestamp,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select id, name, role, password_hash, enabled, created_at, changed_at, last_sign_in_at from accounts ",
            $tail
        )
    };
}

fn read(row: &AnyRow) -> Result<AccountRow, Error> {
    let r = Reader::new(row, "accounts", "id");
    Ok(AccountRow {
        account: Account {
            id: r.parse("id")?,
            name: r.text("name")?,
            role: r.word("role", Role::parse)?,
            enabled: r.flag("enabled")?,
            created_at: r.time("created_at")?,
            last_sign_in_at: r.time_opt("last_sign_in_at")?,
        },
        password_hash: r.text("password_hash")?,
        changed_at: r.time("changed_at")?,
    })
}

impl Conn {
    /// All accounts by name.
    pub async fn account_list(&mut self) -> Result<Vec<AccountRow>, Error> {
        let rows = sqlx::query(select!("order by name_key")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// One account.
    pub async fn account_get(&mut self, id: AccountId) -> Result<Option<AccountRow>, Error> {
        let row = sqlx::query(select!("where id = $1")).bind(id.to_string()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// The account of this name, without regard to case.
    pub async fn account_by_name(&mut self, name: &str) -> Result<Option<AccountRow>, Error> {
        let row =
            sqlx::query(select!("where name_key = $1")).bind(name.to_lowercase()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// A new account. Error: [`Error::Duplicate`] when the name is taken.
    pub async fn account_insert(&mut self, row: &AccountRow) -> Result<(), Error> {
        sqlx::query(
            "insert into accounts (id, name, name_key, role, password_hash, enabled, created_at, changed_at, last_sign_in_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row.account.id.to_string())
        .bind(row.account.name.clone())
        .bind(row.account.name.to_lowercase())
        .bind(row.account.role.label())
        .bind(row.password_hash.clone())
        .bind(i64::from(row.account.enabled))
        .bind(row.account.created_at.millis())
        .bind(row.changed_at.millis())
        .bind(row.account.last_sign_in_at.map(Timestamp::millis))
        .execute(self.db())
        .await
        .map_err(|e| Error::or_duplicate(e, "An account of this name"))?;
        Ok(())
    }

    /// Writes role, enabled, password and times of an account.
    pub async fn account_update(&mut self, row: &AccountRow) -> Result<(), Error> {
        sqlx::query(
            "update accounts set role = $2, password_hash = $3, enabled = $4, changed_at = $5, last_sign_in_at = $6 where id = $1",
        )
        .bind(row.account.id.to_string())
        .bind(row.account.role.label())
        .bind(row.password_hash.clone())
        .bind(i64::from(row.account.enabled))
        .bind(row.changed_at.millis())
        .bind(row.account.last_sign_in_at.map(Timestamp::millis))
        .execute(self.db())
        .await?;
        Ok(())
    }
}
