//! Signing in: slow hashing off the async threads, limited tries, equal time for names that do not exist.

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{SaltString, rand_core::OsRng},
};
use domain::{
    activity::Outcome,
    actor::{Account, Actor, Role, check_account_name, check_password},
    fault::{Fault, FaultKind},
    ids::{AccountId, PrincipalId},
    live::Topic,
    scope::Grant,
    secret::Secret,
    timestamp::Timestamp,
};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use store::AccountRow;
use tokio::sync::{Mutex, Semaphore};

use crate::{Control, Error, operations::driver::Touched, secrets, tries};

/// Password hashes computed at the same time (each takes about 19 MiB).
const HASHES_AT_ONCE: usize = 2;

pub(crate) struct Guard {
    names: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
    hashing: Semaphore,
    /// The link that makes the first owner: good for one process, until used.
    welcome: Mutex<Option<String>>,
}

impl Guard {
    pub(crate) fn new() -> Self {
        Self {
            names: RateLimiter::keyed(tries::quota()),
            addresses: RateLimiter::keyed(tries::quota()),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            welcome: Mutex::default(),
        }
    }

    /// Forgets names and addresses that are not limited any more.
    pub(crate) fn tidy(&self) {
        self.names.retain_recent();
        self.addresses.retain_recent();
    }
}

impl Control {
    /// Checks a password.
    ///
    /// Errors: `TooManyRequests`; `InvalidCredentials` for a wrong name, a wrong password and a disabled account alike.
    pub async fn sign_in(&self, name: &str, password: Secret, remote: &str) -> Result<SignedIn, Error> {
        let key = name.trim().to_lowercase();
        let limited = self.inner.sign_in.names.check_key(&key).is_err()
            || self.inner.sign_in.addresses.check_key(&remote.to_owned()).is_err();
        if limited {
            return Err(tries::too_many().into());
        }
        let found = self.inner.store.read().await?.account_by_name(&key).await?;
        let stored = found.as_ref().map(|row| row.password_hash.clone());
        let right = self.verify(stored, password).await?;
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        touched.topic(Topic::Activity);
        let Some(mut row) = found.filter(|row| right && row.account.enabled) else {
            let actor = Actor::nobody(key.chars().take(64).collect::<String>());
            self.note(&mut tx, &actor, "tried to sign in", None, Outcome::Refused, Some(format!("from {remote}")))
                .await?;
            self.commit(tx, touched).await?;
            let message = "That name and password do not belong together, or the account is disabled.";
            return Err(Fault::new(FaultKind::Unauthenticated, "InvalidCredentials", message).into());
        };
        row.account.last_sign_in_at = Some(self.now());
        tx.account_update(&row).await?;
        self.note(
            &mut tx,
            &actor_of(&row.account),
            "signed in",
            None,
            Outcome::Succeeded,
            Some(format!("from {remote}")),
        )
        .await?;
        touched.topic(Topic::Accounts);
        self.commit(tx, touched).await?;
        Ok(SignedIn::as_of(row))
    }

    /// Who a session belongs to now; `None` when it is over: account disabled, or its role or password changed since
    /// [`SignedIn::stamp`].
    pub async fn actor(&self, account: AccountId, stamp: Timestamp) -> Result<Option<Actor>, Error> {
        let store = &self.inner.store;
        let read = || async {
            let mut conn = store.read().await?;
            let Some(row) = conn.account_get(account).await?.filter(|row| row.account.enabled) else { return Ok(None) };
            let mut actor = actor_of(&row.account);
            actor.grants.extend(self.grants_of(&mut conn, PrincipalId::new(account.uuid())).await?);
            Ok(Some(Person { actor, stamp: row.changed_at }))
        };
        let person = self.inner.people.get(store, &account, read).await?;
        Ok(person.as_ref().as_ref().filter(|person| person.stamp == stamp).map(|person| person.actor.clone()))
    }

    /// An account as it is now, for the session that changed it; `None` when it may not sign in any more.
    pub async fn signed_in_again(&self, account: AccountId) -> Result<Option<SignedIn>, Error> {
        let row = self.inner.store.read().await?.account_get(account).await?;
        Ok(row.filter(|r| r.account.enabled).map(SignedIn::as_of))
    }

    /// The secret of the link that makes the first owner; `None` once there is one.
    pub async fn welcome_link_token(&self) -> Result<Option<Secret>, Error> {
        if !self.inner.store.read().await?.account_list().await?.is_empty() {
            return Ok(None);
        }
        let mut welcome = self.inner.sign_in.welcome.lock().await;
        let token = welcome.get_or_insert_with(|| secrets::new_token("annex-welcome", self.inner.context.ids.as_ref()));
        Ok(Some(Secret::new(token.clone())))
    }

    /// Makes the first owner with the link's secret. Works once.
    ///
    /// Errors: `InvalidToken`; `InvalidParameter` for a bad name or password (the link stays good then).
    pub async fn welcome(&self, token: &str, name: &str, password: Secret) -> Result<SignedIn, Error> {
        let refused = || {
            let message = "This sign-in link does not work any more: it was used, or the server was restarted. The server prints a new one while there is no owner.";
            Error::from(Fault::new(FaultKind::Forbidden, "InvalidToken", message))
        };
        let mut welcome = self.inner.sign_in.welcome.lock().await;
        let right = welcome.as_deref().is_some_and(|w| secrets::hash(w) == secrets::hash(token));
        if !right || !self.inner.store.read().await?.account_list().await?.is_empty() {
            return Err(refused());
        }
        let row = self.new_account(name, Role::Owner, &password).await?;
        let mut tx = self.inner.store.begin().await?;
        if !tx.account_list().await?.is_empty() {
            return Err(refused());
        }
        tx.account_insert(&row).await?;
        self.note(&mut tx, &actor_of(&row.account), "became the owner of this portal", None, Outcome::Succeeded, None)
            .await?;
        let mut touched = Touched::default();
        touched.topic(Topic::Activity);
        touched.topic(Topic::Accounts);
        self.commit(tx, touched).await?;
        *welcome = None;
        Ok(SignedIn::as_of(row))
    }

    /// An account row with a hashed password; not stored yet.
    pub(crate) async fn new_account(&self, name: &str, role: Role, password: &Secret) -> Result<AccountRow, Error> {
        check_account_name(name)?;
        check_password(password.reveal())?;
        let now = self.now();
        Ok(AccountRow {
            account: Account {
                id: AccountId::new(self.new_uuid()),
                name: name.to_owned(),
                role,
                enabled: true,
                created_at: now,
                last_sign_in_at: None,
            },
            password_hash: self.hash_password(password.clone()).await?,
            changed_at: now,
        })
    }

    /// argon2id with the crate's defaults (19 MiB, 2 passes: the OWASP recommendation).
    pub(crate) async fn hash_password(&self, password: Secret) -> Result<String, Error> {
        self.hashing(move || {
            let salt = SaltString::generate(&mut OsRng);
            let hashed = Argon2::default().hash_password(password.reveal().as_bytes(), &salt);
            hashed.map(|h| h.to_string()).ok()
        })
        .await?
        .ok_or_else(|| Error::internal("hashing a password", &HashingFailed))
    }

    /// Is it the password of this hash? Takes as long when there is no hash.
    pub(crate) async fn verify(&self, stored: Option<String>, password: Secret) -> Result<bool, Error> {
        // the hash of a password that nobody has
        const NOBODY: &str =
            "$argon2id$v=19$m=19456,t=2,p=1$YW5uZXgtbm9ib2R5LXNhbHQ$Lj0cTFUHwNtrMrJvMbNTUDIp5eTwmLbRzQMM8mb4ZJI";
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
        self.hashing(move || {
            let right = PasswordHash::new(&stored)
                .is_ok_and(|h| Argon2::default().verify_password(password.reveal().as_bytes(), &h).is_ok());
            right && known
        })
        .await
    }

    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _turn = self.inner.sign_in.hashing.acquire().await.map_err(|e| Error::internal("hashing", &e))?;
        tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal("hashing", &e))
    }
}

/// Somebody with an account that may sign in.
#[derive(Debug)]
pub(crate) struct Person {
    actor: Actor,
    /// As in [`SignedIn::stamp`].
    stamp: Timestamp,
}

/// Somebody who has just proved who he is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// Names the state of the account (password, role, enabled) that the proof was good for. Compared for being equal and
    /// never by its order: clocks are set.
    pub stamp: Timestamp,
}

impl SignedIn {
    fn as_of(row: AccountRow) -> Self {
        Self { stamp: row.changed_at, account: row.account }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("argon2 refused its parameters")]
struct HashingFailed;

/// The actor that an account acts as by its own role.
pub(crate) fn actor_of(account: &Account) -> Actor {
    Actor {
        account: Some(account.id),
        principal: Some(PrincipalId::new(account.id.uuid())),
        name: account.name.clone(),
        grants: vec![Grant::everywhere(account.role)],
    }
}
