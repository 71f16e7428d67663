//! A connection to read with, and a transaction to write with: the same methods on both.

use std::ops::{Deref, DerefMut};

use sqlx::{Any, AnyConnection, Transaction, pool::PoolConnection};

use crate::{Engine, Error};

/// A connection. All statements are methods of it; see the aggregate files.
pub struct Conn {
    inner: Inner,
    pub(crate) engine: Engine,
}

enum Inner {
    Pooled(PoolConnection<Any>),
    Transaction(Transaction<'static, Any>),
}

impl Conn {
    pub(crate) fn pooled(connection: PoolConnection<Any>, engine: Engine) -> Self {
        Self { inner: Inner::Pooled(connection), engine }
    }

    pub(crate) fn db(&mut self) -> &mut AnyConnection {
        match &mut self.inner {
            Inner::Pooled(connection) => connection,
            Inner::Transaction(transaction) => transaction,
        }
    }
}

/// A transaction: what it wrote exists for others only after [`Tx::commit`]. Dropping it undoes everything.
pub struct Tx(Conn);

impl Tx {
    pub(crate) fn new(transaction: Transaction<'static, Any>, engine: Engine) -> Self {
        Self(Conn { inner: Inner::Transaction(transaction), engine })
    }

    /// Makes everything durable and visible.
    ///
    /// Errors: [`Error::Unavailable`]; then it is unknown to the caller whether it happened, and nothing may be
    /// answered as accepted.
    pub async fn commit(self) -> Result<(), Error> {
        match self.0.inner {
            Inner::Transaction(transaction) => Ok(transaction.commit().await?),
            Inner::Pooled(_) => Ok(()),
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
