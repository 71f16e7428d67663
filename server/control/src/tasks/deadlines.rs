//! Ends what has had no result for too long.

use domain::operation::Observation;

use crate::{Control, Error, operations::driver::Touched};

impl Control {
    /// Shows every open target that time goes by.
    pub async fn deadlines_check(&self) -> Result<(), Error> {
        let now = self.now();
        let open = self.inner.store.read().await?.target_open_all().await?;
        for row in open.into_iter().filter(|row| row.target.deadline().is_some_and(|deadline| now > deadline)) {
            let mut tx = self.inner.store.begin().await?;
            let mut touched = Touched::default();
            // read again: it may have ended since
            if let Some(row) = tx.target_get(row.target.operation_id, row.target.vm_id).await? {
                self.observe(&mut tx, row, &Observation::Tick, &mut touched).await?;
            }
            self.commit(tx, touched).await?;
        }
        Ok(())
    }
}
