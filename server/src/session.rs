//! The browser session: who signed in, and until when that counts.
//!
//! ```text
//!  sign in ─► new id, Known{account, stamp} ─► each request: idle < limit? age < limit? account as it was? ─► Actor
//!                                                 │ no
//!  sign out ──────────────────────────────────────┴─► row deleted, streams end
//! ```
//! The id changes at every sign-in. A row holds no secret; the cookie holds nothing but the id. A database that is away
//! or full ends no session: reading fails with a reason, and noting the last use is not worth failing a request for.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::http::Extensions;
use control::SignedIn;
use domain::{
    actor::Actor,
    fault::{Fault, FaultKind},
    ids::AccountId,
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};
use tower_sessions::{
    Session, SessionStore,
    session::{Id, Record},
    session_store,
};

use crate::state::AppState;

const KEY: &str = "known";
/// A session's last use is written at most this often.
const TOUCH: Duration = Duration::from_secs(60);

/// What a session knows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Known {
    account: AccountId,
    /// State of the account that the session belongs to ([`SignedIn::stamp`]).
    stamp: Timestamp,
    signed_in_at: Timestamp,
    /// Last time the row was written.
    touched_at: Timestamp,
}

/// Who asks, if a session says so; an outlived session is ended.
///
/// # Errors
/// The database is away.
pub async fn current(state: &AppState, extensions: &Extensions) -> Result<Option<Actor>, Fault> {
    let Some(session) = extensions.get::<Session>() else { return Ok(None) };
    let Some(mut known) = session.get::<Known>(KEY).await.map_err(away)? else { return Ok(None) };
    let now = state.control().now();
    let longest = i64::try_from(state.config().session_longest.as_millis()).unwrap_or(i64::MAX);
    let fresh = now.millis_since(known.signed_in_at) <= longest;
    let actor = match fresh {
        true => state.control().actor(known.account, known.stamp).await.map_err(Fault::from)?,
        false => None,
    };
    if actor.is_none() {
        session.flush().await.map_err(away)?;
        return Ok(None);
    }
    if now.millis_since(known.touched_at).unsigned_abs() > u64::try_from(TOUCH.as_millis()).unwrap_or(u64::MAX) {
        known.touched_at = now;
        session.insert(KEY, known).await.map_err(away)?;
    }
    Ok(actor)
}

/// Is the session that a stream was opened under still good? Reads the row again.
///
/// # Errors
/// The database is away.
pub async fn still_good(state: &AppState, session: &Session) -> Result<bool, Fault> {
    let again = Session::new(session.id(), session_store(state), None);
    let mut extensions = Extensions::new();
    extensions.insert(again);
    Ok(current(state, &extensions).await?.is_some())
}

/// Begins a session for an account, under a new id.
///
/// # Errors
/// The database is away.
pub async fn begin(state: &AppState, session: &Session, who: &SignedIn) -> Result<(), Fault> {
    session.cycle_id().await.map_err(away)?;
    let now = state.control().now();
    let known = Known { account: who.account.id, stamp: who.stamp, signed_in_at: now, touched_at: now };
    session.insert(KEY, known).await.map_err(away)?;
    // now and not with the answer: a session that cannot be kept is a reason, not an empty page
    session.save().await.map_err(away)
}

/// Goes on with a session whose own account just changed its password: the others of that account are over.
///
/// # Errors
/// The database is away.
pub async fn renew(state: &AppState, session: &Session) -> Result<(), Fault> {
    let Some(known) = session.get::<Known>(KEY).await.map_err(away)? else { return Ok(()) };
    match state.control().signed_in_again(known.account).await.map_err(Fault::from)? {
        Some(who) => begin(state, session, &who).await,
        None => Ok(()),
    }
}

/// Ends a session; its streams notice.
///
/// # Errors
/// The database is away.
pub async fn end(state: &AppState, session: &Session) -> Result<(), Fault> {
    session.flush().await.map_err(away)?;
    state.control().live().publish([domain::live::Topic::Accounts]);
    Ok(())
}

fn session_store(state: &AppState) -> Arc<Sessions> {
    Arc::new(Sessions::new(state.store()))
}

/// Sessions in the database.
#[derive(Clone, Debug)]
pub struct Sessions(store::Sessions);

impl Sessions {
    /// The sessions of a database.
    #[must_use]
    pub fn new(store: &store::Store) -> Self {
        Self(store::Sessions::new(store.clone()))
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.0.create(record).await
    }

    /// Notes the last use of a session. Not being able to (the disk is full) is logged and fails nothing: it is a read
    /// for the person who asked.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        if let Err(error) = self.0.save(record).await {
            tracing::warn!(%error, "the last use of a session is not noted");
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.0.load(id).await
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete(id).await
    }
}

fn away(error: tower_sessions::session::Error) -> Fault {
    tracing::warn!(%error, "sessions");
    Fault::new(
        FaultKind::Unavailable,
        "ServiceUnavailable",
        "The portal's database does not answer or cannot be written, so nothing was done. You stay signed in; try again in a moment.",
    )
}
