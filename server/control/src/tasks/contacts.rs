//! Writes who was heard of, in one transaction for all machines.

use crate::{Control, Error};

impl Control {
    /// Writes the contacts that the database does not know yet.
    pub async fn contacts_write(&self) -> Result<(), Error> {
        let batch = self.inner.contacts.unwritten(self.now());
        for part in batch.chunks(1_000) {
            let mut tx = self.inner.store.begin().await?;
            for (vm, at) in part {
                tx.agent_contact(*vm, *at).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}
