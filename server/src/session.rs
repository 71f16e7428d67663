//! The browser session: who signed in, and until when that counts.
//!
//! ```text
//!  sign in ─► new id, Known{account, since} ─► each request: idle < limit? since < limit? account as it was? ─► Actor
//!                                                 │ no
//!  sign out ──────────────────────────────────────┴─► row deleted, streams end
//! ```
//! The id changes at every sign-in. A row holds no secret; the cookie holds nothing but the id.

use std::time::Duration;

use axum::http::Extensions;
use domain::{
    actor::Actor,
    fault::{Fault, FaultKind},
    ids::AccountId,
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::state::AppState;

const KEY: &str = "known";
/// A session's last use is written at most this often.
const TOUCH: Duration = Duration::from_secs(60);

/// What a session knows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Known {
    account: AccountId,
    /// Roles and passwords that change after this end the session.
    signed_in_at: Timestamp,
    /// Last time the row was written.
    touched_at: Timestamp,
}

/// Now, by the system's clock.
#[must_use]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Who asks, if a session says so; an outlived session is ended.
///
/// # Errors
/// The database is away.
pub async fn current(state: &AppState, extensions: &Extensions) -> Result<Option<Actor>, Fault> {
    let Some(session) = extensions.get::<Session>() else { return Ok(None) };
    let Some(mut known) = session.get::<Known>(KEY).await.map_err(away)? else { return Ok(None) };
    let now = now();
    let longest = i64::try_from(state.config().session_longest.as_millis()).unwrap_or(i64::MAX);
    let fresh = now.millis_since(known.signed_in_at) <= longest;
    let actor = match fresh {
        true => state.control().actor(known.account, known.signed_in_at).await.map_err(Fault::from)?,
        false => None,
    };
    if actor.is_none() {
        session.flush().await.map_err(away)?;
        return Ok(None);
    }
    if now.millis_since(known.touched_at) > i64::try_from(TOUCH.as_millis()).unwrap_or(i64::MAX) {
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
pub async fn begin(session: &Session, account: AccountId) -> Result<(), Fault> {
    session.cycle_id().await.map_err(away)?;
    let now = now();
    session.insert(KEY, Known { account, signed_in_at: now, touched_at: now }).await.map_err(away)
}

/// Goes on with a session whose own account just changed its password: the others of that account are over.
///
/// # Errors
/// The database is away.
pub async fn renew(session: &Session) -> Result<(), Fault> {
    match session.get::<Known>(KEY).await.map_err(away)? {
        Some(known) => begin(session, known.account).await,
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

/// Sessions in the database.
#[must_use]
pub fn session_store(state: &AppState) -> std::sync::Arc<store::Sessions> {
    std::sync::Arc::new(store::Sessions::new(state.store().clone()))
}

fn away(error: tower_sessions::session::Error) -> Fault {
    tracing::warn!(%error, "sessions");
    Fault::new(
        FaultKind::Unavailable,
        "ServiceUnavailable",
        "The portal cannot read its database just now, so it cannot tell who you are. Try again in a moment.",
    )
}
