//! Ends what has had no result for too long.

use std::sync::PoisonError;

use domain::{operation::Observation, timestamp::Timestamp};

use crate::{Control, Error, operations::driver::Touched};

impl Control {
    /// Shows every open target that time goes by.
    pub async fn deadlines_check(&self) -> Result<(), Error> {
        self.inner.jumps.lock().unwrap_or_else(PoisonError::into_inner).look(self.now(), self.steady());
        let open = self.inner.store.read().await?.target_open_all().await?;
        for row in open {
            let Some(at) = row.target.picked_up_at.and_then(|since| self.judging_time(since)) else { continue };
            if row.target.deadline().is_none_or(|deadline| at <= deadline) {
                continue;
            }
            let mut tx = self.inner.store.begin().await?;
            let mut touched = Touched::default();
            // read again: it may have ended since
            if let Some(row) = tx.target_get(row.target.operation_id, row.target.vm_id).await? {
                self.observe(&mut tx, row, &Observation::Tick { at }, &mut touched).await?;
            }
            self.commit(tx, touched).await?;
        }
        Ok(())
    }

    fn judging_time(&self, since: Timestamp) -> Option<Timestamp> {
        self.inner.jumps.lock().unwrap_or_else(PoisonError::into_inner).judging_time(since)
    }
}
