//! Opening the database and bringing its schema up to date.

use std::time::Duration;

use sqlx::{AnyPool, Executor, any::AnyPoolOptions};

use crate::{Conn, Error, Tx, migrations::migrator};

/// Which database it is. Statements are the same on both; connections are set up differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one process.
    Sqlite,
    /// Several processes on one server.
    Postgres,
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    read: AnyPool,
    write: AnyPool,
    engine: Engine,
    url: String,
}

impl Store {
    /// Opens `sqlite://path` (made when missing) or `postgres://…`. Does not touch the schema.
    ///
    /// Errors: [`Error::Unavailable`] when nothing answers within 10 s.
    pub async fn open(url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let options = |most: u32| {
            AnyPoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(10)).after_connect(
                move |connection, _| {
                    Box::pin(async move {
                        if engine == Engine::Sqlite {
                            connection.execute(SQLITE_SET_UP).await?;
                        }
                        Ok(())
                    })
                },
            )
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
        Ok(Self { read, write, engine, url: url.to_owned() })
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
        let transaction = match self.engine {
            // take the write lock now: a transaction that reads first and writes later could not be served
            Engine::Sqlite => self.write.begin_with("begin immediate").await?,
            Engine::Postgres => self.write.begin().await?,
        };
        Ok(Tx::new(transaction, self.engine))
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
    }
}

const SQLITE_SET_UP: &str = "pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000; \
     pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -16000;";
