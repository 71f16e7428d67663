//! Has anything in the database changed? One cheap question, with an exact answer on both engines.
//!
//! ```text
//!  version() ─► V1   read rows, keep them under V1
//!  version() ─► V1   nothing was committed since: the kept rows are what reading would give
//!  version() ─► V2   something was: read again
//! ```
//! SQLite answers in two microseconds and never waits for writers, so its connection is asked where the question comes up:
//! sqlx's connections have a thread each, and two changes of threads cost more than all the rest of a request.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
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
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(options.get_filename(), flags)
            .map_err(|why| sqlx::Error::Configuration(why.into()))?;
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
