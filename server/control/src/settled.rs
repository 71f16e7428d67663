//! Requests that are done when they are answered, for clients that follow an address to hear so (arm-api, section 3).

use domain::{ids::OperationId, timestamp::Timestamp};
use store::Tx;

use crate::{Control, Error};

/// How long such a request is remembered: a client that asks later has long given up.
pub(crate) const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

impl Control {
    /// Notes in a transaction that it was all that a request asked for.
    pub(crate) async fn settle_in(&self, tx: &mut Tx, begun: Timestamp) -> Result<OperationId, Error> {
        let id = OperationId::new(self.new_uuid());
        tx.settled_request_insert(id, begun, self.now()).await?;
        Ok(id)
    }

    /// Notes that nothing was left to do.
    pub(crate) async fn settle(&self, begun: Timestamp) -> Result<OperationId, Error> {
        let mut tx = self.inner.store.begin().await?;
        let id = self.settle_in(&mut tx, begun).await?;
        tx.commit().await?;
        Ok(id)
    }
}
