//! Executing one statement: bounded in time, and watched for failures after which its connection cannot be used again.

use std::{fmt, io, time::Duration};

use futures::{
    StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Any, AnyConnection, Either, Execute, Executor, SqlStr,
    any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo},
};
use tokio::time::timeout;

use crate::Error;

/// Executes a statement on a connection that belongs to somebody else.
pub(crate) struct Statement<'c> {
    connection: &'c mut AnyConnection,
    broken: &'c mut bool,
    limit: Duration,
}

impl<'c> Statement<'c> {
    /// `limit`: longest wait for the next part of the answer. `broken` is set by failures that leave the connection
    /// in a state nobody knows.
    pub(crate) fn new(connection: &'c mut AnyConnection, broken: &'c mut bool, limit: Duration) -> Self {
        Self { connection, broken, limit }
    }
}

impl fmt::Debug for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl<'c> Executor<'c> for Statement<'c> {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let Self { connection, broken, limit } = self;
        let answer = connection.fetch_many(query);
        stream::unfold((answer, Some(broken)), move |(mut answer, broken)| async move {
            let broken = broken?;
            match timeout(limit, answer.next()).await.unwrap_or_else(|_| Some(Err(late()))) {
                None => None,
                Some(Ok(part)) => Some((Ok(part), (answer, Some(broken)))),
                Some(Err(error)) => {
                    *broken |= Error::breaks(&error);
                    Some((Err(error), (answer, None)))
                }
            }
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let Self { connection, broken, limit } = self;
        let answer = connection.fetch_optional(query);
        Box::pin(async move {
            let answer = timeout(limit, answer).await.unwrap_or_else(|_| Err(late()));
            answer.inspect_err(|error| *broken |= Error::breaks(error))
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        self.connection.prepare_with(sql, parameters)
    }
}

fn late() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time"))
}
