//! What can go wrong in the database, sorted by what a caller does about it.

/// A failed statement.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row was changed since it was read (compare-and-set on its generation); read again and decide again.
    #[error("the {table} row {id} was changed meanwhile")]
    Stale {
        /// Which table.
        table: &'static str,
        /// Which row.
        id: String,
    },
    /// A row with this name or key exists already.
    #[error("{what} exists already")]
    Duplicate {
        /// What exists, from the statement that failed.
        what: &'static str,
    },
    /// A row holds something it cannot hold: a defect, or a hand-edited database.
    #[error("table {table}, row {id}: column {column} holds {value:?}")]
    Inconsistent {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// Which row.
        id: String,
        /// What was found, shortened.
        value: String,
    },
    /// The database cannot serve now: away, or locked. Nothing was done; the same call may work later.
    #[error("the database cannot do this now")]
    Unavailable(#[source] sqlx::Error),
    /// The database's disk is full. Nothing was done; the same call works once there is space.
    #[error("the disk of the database is full")]
    Full(#[source] sqlx::Error),
    /// The database was lost while it made changes durable: they happened or they did not.
    #[error("the database was lost in the middle of a change")]
    Uncertain(#[source] sqlx::Error),
    /// Anything else the driver said.
    #[error("the database refused a statement")]
    Driver(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// SQLite result codes that mean "not now": 5 busy, 6 locked, 8 read-only, 10 I/O error, 14 cannot open.
const SQLITE_NOT_NOW: [i64; 5] = [5, 6, 8, 10, 14];
const SQLITE_FULL: i64 = 13;
/// PostgreSQL classes that mean the same: 08 connection, 53 resources, 57 operator intervention; and one code,
/// serialisation.
const POSTGRES_NOT_NOW: [&str; 4] = ["08", "53", "57", "40001"];
const POSTGRES_FULL: &str = "53100";

/// What a caller can do about a driver's error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    NotNow,
    Full,
    Other,
}

fn trouble(error: &sqlx::Error) -> Trouble {
    use Trouble::{Full, NotNow, Other};
    let code = match error {
        sqlx::Error::Database(db) => db.code().unwrap_or_default().into_owned(),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        // a connection that ends while it is made is one of these, too: the driver takes the missing byte for an answer
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => return NotNow,
        _ => return Other,
    };
    match code.parse::<i64>() {
        // SQLite gives small numbers (extended codes carry the primary one in the low byte)
        Ok(number) if code.len() < 5 => match number & 0xff {
            SQLITE_FULL => Full,
            primary if SQLITE_NOT_NOW.contains(&primary) => NotNow,
            _ => Other,
        },
        _ if code == POSTGRES_FULL => Full,
        _ if POSTGRES_NOT_NOW.iter().any(|class| code.starts_with(class)) => NotNow,
        _ => Other,
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match trouble(&error) {
            Trouble::NotNow => Self::Unavailable(error),
            Trouble::Full => Self::Full(error),
            Trouble::Other => Self::Driver(error),
        }
    }
}

impl Error {
    /// Is the connection not to be used again after this?
    pub(crate) fn breaks(error: &sqlx::Error) -> bool {
        trouble(error) != Trouble::Other
    }

    /// Did the connection end before the database had answered?
    pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
        match error {
            sqlx::Error::Database(db) => db.code().is_some_and(|code| code.starts_with("57") || code.starts_with("08")),
            other => Self::breaks(other),
        }
    }

    /// Turns a unique violation of this statement into [`Error::Duplicate`].
    pub(crate) fn or_duplicate(error: sqlx::Error, what: &'static str) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Duplicate { what },
            _ => error.into(),
        }
    }
}
