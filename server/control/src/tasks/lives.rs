//! Notes that this server is up: what machines did while none was there is unknown.

use crate::{Control, Error};

impl Control {
    /// Notes it.
    pub async fn life_note(&self) -> Result<(), Error> {
        let (id, started_at, _) = self.inner.life;
        let mut tx = self.inner.store.begin().await?;
        tx.server_lives_on(id, started_at, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
