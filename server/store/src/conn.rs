//! A connection to read with, and a transaction to write with: the same methods on both.
//!
//! ```text
//!  begin ─► statements ─┬─► commit ──────────────────────────► back to the pool
//!                       ├─► dropped ─► rollback in a task ───► back to the pool
//!                       └─► late, away, disk full: broken ───► closed; the pool makes another one
//! ```
//! A broken connection is never used again. SQLite ends a transaction by itself when the disk is full and its driver
//! does not notice; PostgreSQL may be frozen in the middle of an answer.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use sqlx::{Any, Executor, pool::PoolConnection};
use tokio::runtime::Handle;

use crate::{Engine, Error, statement::Statement};

/// An undone transaction is waited for at most this long; then its connection is closed.
const UNDO: Duration = Duration::from_secs(5);

/// A connection. All statements are methods of it; see the aggregate files.
pub struct Conn {
    /// There until it is dropped.
    connection: Option<PoolConnection<Any>>,
    pub(crate) engine: Engine,
    /// A transaction was begun and has not ended.
    open: bool,
    broken: bool,
}

impl Conn {
    pub(crate) fn pooled(connection: PoolConnection<Any>, engine: Engine) -> Self {
        Self { connection: Some(connection), engine, open: false, broken: false }
    }

    /// What executes statements, within the time that one may take.
    pub(crate) fn db(&mut self) -> Statement<'_> {
        self.db_within(self.engine.statement_limit())
    }

    /// The same for a statement that may take longer.
    pub(crate) fn db_within(&mut self, limit: Duration) -> Statement<'_> {
        let connection = self.connection.as_mut().expect("a connection is there until it is dropped");
        Statement::new(connection, &mut self.broken, limit)
    }

    pub(crate) async fn begin(mut self) -> Result<Tx, Error> {
        let statement = match self.engine {
            // take the write lock now: a transaction that reads first and writes later could not be served
            Engine::Sqlite => "begin immediate",
            Engine::Postgres => "begin",
        };
        self.open = true;
        self.db().execute(sqlx::raw_sql(statement)).await?;
        Ok(Tx(self))
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if self.broken {
            connection.close_on_drop();
        } else if self.open
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                let undone = tokio::time::timeout(UNDO, connection.execute(sqlx::raw_sql("rollback"))).await;
                if !matches!(undone, Ok(Ok(_))) {
                    connection.close_on_drop();
                }
            });
        }
    }
}

/// A transaction: what it wrote exists for others only after [`Tx::commit`]. Dropping it undoes everything.
pub struct Tx(Conn);

impl Tx {
    /// Makes everything durable and visible.
    ///
    /// Errors: [`Error::Unavailable`], [`Error::Full`]: nothing was done. [`Error::Uncertain`]: the database was lost
    /// while it was doing it; nothing may be answered as accepted, and nothing as refused.
    pub async fn commit(mut self) -> Result<(), Error> {
        let conn = &mut self.0;
        match conn.db().execute(sqlx::raw_sql("commit")).await {
            Ok(_) => {
                conn.open = false;
                Ok(())
            }
            Err(error) if conn.engine == Engine::Postgres && Error::is_lost(&error) => Err(Error::Uncertain(error)),
            Err(error) => Err(error.into()),
        }
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}
