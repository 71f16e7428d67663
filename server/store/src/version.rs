//! Has anything in the database changed? One cheap question, with an exact answer on both engines.
//!
//! ```text
//!  version() ─► V1   read rows, keep them under V1
//!  version() ─► V1   nothing was committed since: the kept rows are what reading would give
//!  version() ─► V2   something was: read again
//! ```
//! SQLite answers without waiting for writers, so its connection is asked where the question comes up: sqlx's connections
//! have a thread each, and going there and back is much for a question that comes with every request.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use sqlx::{AnyPool, Row, sqlite::SqliteConnectOptions};

use crate::{Conn, Engine, Error};

/// A state of the whole database. Equal versions: nothing was committed between them, by any process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataVersion(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// What the connection has seen others commit, counted.
    Sqlite(i64),
    Postgres(Arc<str>),
    /// It could not be told. Every question has a number of its own: whoever asks reads again.
    Untold(u64),
}

/// What is asked for versions.
#[derive(Clone, Debug)]
pub(crate) enum Versions {
    /// A connection of its own, which never writes: it would not count its own changes. `None` after closing.
    Sqlite(Arc<Mutex<Option<Connection>>>),
    /// The readers' pool.
    Postgres(AnyPool),
}

impl Versions {
    /// `pool`: the readers'; `address`: the database's, which exists.
    pub(crate) fn open(engine: Engine, pool: AnyPool, address: &str) -> Result<Self, Error> {
        if engine == Engine::Postgres {
            return Ok(Self::Postgres(pool));
        }
        let options = address.parse::<SqliteConnectOptions>()?;
        Ok(Self::of_file(options.get_filename()).map_err(|why| sqlx::Error::Configuration(why.into()))?)
    }

    fn of_file(path: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        // rusqlite's own five seconds would be spent on a thread that others need
        connection.busy_timeout(Duration::ZERO)?;
        Ok(Self::Sqlite(Arc::new(Mutex::new(Some(connection)))))
    }

    pub(crate) async fn now(&self) -> Result<DataVersion, Error> {
        let kind = match self {
            Self::Sqlite(connection) => {
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                connection.as_ref().and_then(count).map_or_else(untold, Kind::Sqlite)
            }
            Self::Postgres(pool) => Kind::Postgres(snapshot(pool).await?.into()),
        };
        Ok(DataVersion(kind))
    }

    pub(crate) fn close(&self) {
        if let Self::Sqlite(connection) = self {
            connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

/// <https://sqlite.org/pragma.html#pragma_data_version>. `None`: the file is locked, or the disk fails; reading will tell.
fn count(connection: &Connection) -> Option<i64> {
    connection.prepare_cached("pragma data_version").ok()?.query_row([], |row| row.get(0)).ok()
}

fn untold() -> Kind {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    Kind::Untold(ASKED.fetch_add(1, Ordering::Relaxed))
}

/// Which transactions a statement that begins now sees.
async fn snapshot(pool: &AnyPool) -> Result<String, Error> {
    let mut conn = Conn::pooled(pool.acquire().await?, Engine::Postgres);
    let row = sqlx::query("select cast(pg_current_snapshot() as text)").fetch_one(conn.db()).await?;
    Ok(row.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use rusqlite::Connection;

    use super::Versions;

    #[tokio::test]
    async fn a_locked_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("annex.db");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("create table t (n); begin exclusive").unwrap();
        let versions = Versions::of_file(&path).unwrap();
        let begun = Instant::now();
        let (first, second) = (versions.now().await.unwrap(), versions.now().await.unwrap());
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        assert_ne!(first, second, "nobody can tell, so everybody reads again");
        other.execute_batch("commit").unwrap();
        assert_eq!(versions.now().await.unwrap(), versions.now().await.unwrap());
    }
}
