//! Accounts.

use domain::{
    actor::{Account, Role},
    ids::AccountId,
};
use store::{AccountRow, Error};

use crate::{
    fixture::{Fixture, NOW},
    story,
};

story!(accounts_are_found_by_name_in_any_case, accounts);
async fn accounts(f: &Fixture) {
    let mut row = AccountRow {
        account: Account {
            id: AccountId::new(uuid::Uuid::now_v7()),
            name: "Ana".into(),
            role: Role::Owner,
            enabled: true,
            created_at: NOW,
            last_sign_in_at: None,
        },
        password_hash: "$argon2id$".into(),
        changed_at: NOW,
    };
    let mut tx = f.store.begin().await.unwrap();
    tx.account_insert(&row).await.unwrap();
    (row.account.role, row.account.enabled) = (Role::Reader, false);
    row.account.last_sign_in_at = Some(NOW);
    tx.account_update(&row).await.unwrap();
    let stored = tx.account_by_name("ANA").await.unwrap().unwrap();
    assert_eq!(stored.account, row.account);
    assert_eq!(tx.account_get(row.account.id).await.unwrap().unwrap().account, row.account);
    assert_eq!(tx.account_list().await.unwrap().len(), 1);
    row.account.id = AccountId::new(uuid::Uuid::now_v7());
    assert!(matches!(tx.account_insert(&row).await, Err(Error::Duplicate { .. })));
}
