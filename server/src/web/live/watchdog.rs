//! A stream ends with the session it was opened under.

use std::time::Duration;

use domain::live::Topic;
use store::Engine;
use tower_sessions::Session;

use crate::{session, state::AppState};

/// Waits until the session is over: signed out, outlived, role or password changed.
///
/// This process says at once when that may be (topic `Accounts`). Another process on the same database cannot, so there
/// the row is read every second; on SQLite there is no other process, and reading it now and then finds what outlived.
pub(super) async fn until_over(state: &AppState, session: &Session) {
    let pause = match state.store().engine() {
        Engine::Postgres => Duration::from_secs(1),
        Engine::Sqlite => Duration::from_secs(30),
    };
    let mut accounts = state.control().live().subscribe([Topic::Accounts]);
    loop {
        let _ = tokio::time::timeout(pause, accounts.next()).await;
        match session::still_good(state, session).await {
            Ok(true) => {}
            Ok(false) => return,
            // the database is away: the page keeps its stream, and reads fail with a reason meanwhile
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}
