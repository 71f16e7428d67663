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
    /// The database cannot serve now: away, locked, disk full. The same call may work later.
    #[error("the database cannot do this now")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else the driver said.
    #[error("the database refused a statement")]
    Driver(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// SQLite result codes that mean "not now": 5 busy, 6 locked, 8 read-only, 10 I/O error, 13 full, 14 cannot open.
const SQLITE_NOT_NOW: [i64; 6] = [5, 6, 8, 10, 13, 14];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let not_now = match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                true
            }
            sqlx::Error::Database(db) => db.code().is_some_and(|code| match code.parse::<i64>() {
                // SQLite gives small numbers (extended codes carry the primary one in the low byte)
                Ok(number) if code.len() < 5 => SQLITE_NOT_NOW.contains(&(number & 0xff)),
                // PostgreSQL classes: 08 connection, 53 resources, 57 operator intervention, 40001 serialisation
                _ => ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "40001",
            }),
            _ => false,
        };
        if not_now { Self::Unavailable(error) } else { Self::Driver(error) }
    }
}

impl Error {
    /// Turns a unique violation of this statement into [`Error::Duplicate`].
    pub(crate) fn or_duplicate(error: sqlx::Error, what: &'static str) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Duplicate { what },
            _ => error.into(),
        }
    }
}
