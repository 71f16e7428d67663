//! Waking the other processes on the same PostgreSQL. On SQLite there are none.

use sqlx::postgres::PgListener;

use crate::{Conn, Engine, Error, Store};

const CHANNEL: &str = "annex";

impl Conn {
    /// Tells the other processes something, once this transaction commits. At most 7,900 bytes (PostgreSQL's limit is 8,000).
    pub async fn notify(&mut self, text: &str) -> Result<(), Error> {
        if self.engine == Engine::Postgres {
            sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(text.to_owned()).execute(self.db()).await?;
        }
        Ok(())
    }
}

/// What the other processes say, one text at a time.
pub struct Notices(Option<PgListener>);

impl Notices {
    /// Listens; on SQLite it never says anything.
    pub async fn open(store: &Store) -> Result<Self, Error> {
        if store.engine() == Engine::Sqlite {
            return Ok(Self(None));
        }
        let mut listener = PgListener::connect(store.url()).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(Some(listener)))
    }

    /// The next text; `None` after the connection was lost and made again: something may have been missed.
    ///
    /// Error: [`Error::Unavailable`] while the database is away; call again later.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        match &mut self.0 {
            Some(listener) => Ok(listener.try_recv().await?.map(|notice| notice.payload().to_owned())),
            None => std::future::pending().await,
        }
    }
}
