//! Has anything in the database changed? One cheap question, with an exact answer on both engines.
//!
//! ```text
//!  version() ─► V1   read rows, keep them under V1
//!  version() ─► V1   nothing was committed since: the kept rows are what reading would give
//!  version() ─► V2   something was: read again
//! ```

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sqlx::{AnyPool, Row, any::AnyPoolOptions};

use crate::{Conn, Engine, Error};

/// A state of the whole database. Equal versions: nothing was committed between them, by any process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataVersion(String);

/// What is asked for versions.
#[derive(Clone, Debug)]
pub(crate) struct Versions {
    pool: AnyPool,
    /// How many connections the pool has made: SQLite counts the changes that *one* connection has seen others make.
    made: Arc<AtomicU64>,
}

impl Versions {
    /// `pool`: the readers' pool of PostgreSQL. SQLite needs a connection of its own, which never writes.
    pub(crate) async fn open(
        engine: Engine,
        pool: AnyPool,
        address: &str,
        options: AnyPoolOptions,
    ) -> Result<Self, Error> {
        let made = Arc::new(AtomicU64::new(0));
        if engine == Engine::Postgres {
            return Ok(Self { pool, made });
        }
        let count = made.clone();
        let options = options.after_connect(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        });
        Ok(Self { pool: options.connect(address).await?, made })
    }

    pub(crate) async fn now(&self, engine: Engine) -> Result<DataVersion, Error> {
        let mut conn = Conn::pooled(self.pool.acquire().await?, engine);
        // there is one connection, and it is ours now: the count is its number
        let connection = self.made.load(Ordering::SeqCst);
        let version = match engine {
            // https://sqlite.org/pragma.html#pragma_data_version
            Engine::Sqlite => {
                let row = sqlx::query("pragma data_version").fetch_one(conn.db()).await?;
                row.try_get::<i64, _>(0)?.to_string()
            }
            // which transactions a statement that begins now sees
            Engine::Postgres => {
                let row = sqlx::query("select cast(pg_current_snapshot() as text)").fetch_one(conn.db()).await?;
                row.try_get(0)?
            }
        };
        Ok(DataVersion(format!("{connection} {version}")))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}
