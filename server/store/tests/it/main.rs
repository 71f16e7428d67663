//! One story for each aggregate, told on SQLite and on a real PostgreSQL alike.
//!
//! PostgreSQL is taken from `ANNEX_TEST_POSTGRES` (the URL of a superuser's database); each story makes a database of its
//! own there. Where the variable is absent the stories run on SQLite only, unless `CI` is set: then they fail.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it should be")]

mod access;
mod accounts;
mod activity;
mod agent_history;
mod agents;
mod extensions;
mod fixture;
mod fleet;
mod health;
mod image_tokens;
mod images;
mod migrations;
mod operations;
mod sessions;
mod version;
mod vms;

/// Declares a story as two tests, one for each engine.
macro_rules! story {
    ($name:ident, $told:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let fixture = crate::fixture::Fixture::sqlite().await;
                super::$told(&fixture).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(fixture) = crate::fixture::Fixture::postgres().await else { return };
                super::$told(&fixture).await;
                fixture.drop_database().await;
            }
        }
    };
}
pub(crate) use story;
