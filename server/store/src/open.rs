//! Opening the database and bringing its schema up to date.

use std::time::Duration;

use sqlx::{AnyPool, Connection, Executor, any::AnyPoolOptions};
use tokio::time::timeout;

use crate::{
    Conn, Error, Tx,
    migrations::migrator,
    version::{DataVersion, Versions},
};

/// Which database it is. Statements are the same on both; connections are set up differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one process.
    Sqlite,
    /// Several processes on one server.
    Postgres,
}

impl Engine {
    /// Longest wait for a connection. Writers of SQLite stand in one queue; PostgreSQL gives one at once or is in trouble.
    const fn acquire_limit(self) -> Duration {
        match self {
            Self::Sqlite => Duration::from_secs(10),
            Self::Postgres => Duration::from_secs(4),
        }
    }

    /// Longest wait for an answer. A local file answers or fails; a server may be frozen, or behind a network that is gone.
    pub(crate) const fn statement_limit(self) -> Duration {
        match self {
            Self::Sqlite => Duration::from_secs(60),
            Self::Postgres => Duration::from_secs(5),
        }
    }
}

/// A kept connection that does not answer within this time is replaced.
const PING: Duration = Duration::from_secs(1);

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    read: AnyPool,
    write: AnyPool,
    versions: Versions,
    engine: Engine,
    url: String,
}

impl Store {
    /// Opens `sqlite://path` (made when missing) or `postgres://…`. Does not touch the schema.
    ///
    /// Errors: [`Error::Unavailable`] when nothing answers within a few seconds.
    pub async fn open(url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let options = |most: u32| {
            AnyPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(engine.acquire_limit())
                // the pool's own test has no limit: one frozen connection would use up the time for getting another
                .test_before_acquire(false)
                .before_acquire(move |connection, _| {
                    Box::pin(async move {
                        // a file does not hang up
                        Ok(engine == Engine::Sqlite || matches!(timeout(PING, connection.ping()).await, Ok(Ok(()))))
                    })
                })
                .after_release(move |connection, _| {
                    Box::pin(async move {
                        Ok(engine == Engine::Sqlite || matches!(timeout(PING, connection.ping()).await, Ok(Ok(()))))
                    })
                })
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        if engine == Engine::Sqlite {
                            connection.execute(SQLITE_SET_UP).await?;
                        }
                        Ok(())
                    })
                })
        };
        let address = match engine {
            Engine::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        };
        // SQLite has one writer at a time: queue for it here, fairly, instead of failing on its lock.
        let (read, write) = match engine {
            Engine::Sqlite => {
                let write = options(1).connect(&address).await?;
                (options(6).connect(&address).await?, write)
            }
            Engine::Postgres => {
                let pool = options(16).connect(&address).await?;
                (pool.clone(), pool)
            }
        };
        let versions = Versions::open(engine, read.clone(), &address)?;
        Ok(Self { read, write, versions, engine, url: url.to_owned() })
    }

    /// Applies the migrations that are missing. Safe to call from several processes at once.
    pub async fn migrate(&self) -> Result<(), Error> {
        Ok(migrator().run(&self.write).await?)
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Conn, Error> {
        Ok(Conn::pooled(self.read.acquire().await?, self.engine))
    }

    /// A transaction for writing.
    pub async fn begin(&self) -> Result<Tx, Error> {
        Conn::pooled(self.write.acquire().await?, self.engine).begin().await
    }

    /// The state that the database is in.
    pub async fn version(&self) -> Result<DataVersion, Error> {
        self.versions.now().await
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The address it was opened with.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Closes all connections; pending statements finish.
    pub async fn close(&self) {
        self.write.close().await;
        self.read.close().await;
        self.versions.close();
    }
}

const SQLITE_SET_UP: &str = "pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000; \
     pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -16000;";
