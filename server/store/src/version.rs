//! Has anything in the database changed? One cheap question, with an exact answer on both engines.
//!
//! ```text
//!  version() ─► V1   read rows, keep them under V1
//!  version() ─► V1   nothing was committed since: the kept rows are what reading would give
//!  version() ─► V2   something was: read again
//! ```
//! On SQLite one connection is asked, so questions wait for one another. All that have come while one is under way share
//! the answer to the next: it is begun after all of them were asked, so it is as good as an answer of their own.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sqlx::{AnyPool, Row, any::AnyPoolOptions};
use tokio::sync::Mutex;

use crate::{Conn, Engine, Error};

/// A state of the whole database. Equal versions: nothing was committed between them, by any process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataVersion(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A connection's number, and its count of what others committed.
    Sqlite(u64, i64),
    Postgres(Arc<str>),
}

/// Questions in the order they came: how many there were, and up to which one the last answer holds.
#[derive(Debug, Default)]
struct Questions {
    asked: AtomicU64,
    answered: Mutex<Option<(u64, DataVersion)>>,
}

/// What is asked for versions.
#[derive(Clone, Debug)]
pub(crate) struct Versions {
    pool: AnyPool,
    /// How many connections the pool has made: SQLite counts the changes that *one* connection has seen others make.
    made: Arc<AtomicU64>,
    questions: Arc<Questions>,
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
            return Ok(Self { pool, made, questions: Arc::default() });
        }
        let count = made.clone();
        let options = options.after_connect(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        });
        Ok(Self { pool: options.connect(address).await?, made, questions: Arc::default() })
    }

    pub(crate) async fn now(&self, engine: Engine) -> Result<DataVersion, Error> {
        match engine {
            Engine::Sqlite => self.shared().await,
            Engine::Postgres => self.snapshot().await,
        }
    }

    async fn shared(&self) -> Result<DataVersion, Error> {
        let questions = &self.questions;
        let mine = questions.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut answered = questions.answered.lock().await;
        if let Some((until, version)) = &*answered
            && *until >= mine
        {
            return Ok(version.clone());
        }
        let until = questions.asked.load(Ordering::SeqCst);
        let version = self.count().await?;
        *answered = Some((until, version.clone()));
        Ok(version)
    }

    /// <https://sqlite.org/pragma.html#pragma_data_version>
    async fn count(&self) -> Result<DataVersion, Error> {
        let mut conn = Conn::pooled(self.pool.acquire().await?, Engine::Sqlite);
        // there is one connection, and it is ours now: the count is its number
        let connection = self.made.load(Ordering::SeqCst);
        let row = sqlx::query("pragma data_version").fetch_one(conn.db()).await?;
        Ok(DataVersion(Kind::Sqlite(connection, row.try_get(0)?)))
    }

    /// Which transactions a statement that begins now sees.
    async fn snapshot(&self) -> Result<DataVersion, Error> {
        let mut conn = Conn::pooled(self.pool.acquire().await?, Engine::Postgres);
        let row = sqlx::query("select cast(pg_current_snapshot() as text)").fetch_one(conn.db()).await?;
        Ok(DataVersion(Kind::Postgres(row.try_get::<String, _>(0)?.into())))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}
