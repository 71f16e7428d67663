//! Writes who was heard of, in one transaction for all machines.

use crate::{Control, Error};

impl Control {
    /// Writes the contacts that the database does not know yet.
    pub async fn contacts_write(&self) -> Result<(), Error> {
        let now = self.now();
        if self.inner.store.read().await?.contacts_to_come(now).await? {
            // the clock was set back: silence would be told only once it has caught up
            let mut tx = self.inner.store.begin().await?;
            tx.contacts_mend(now).await?;
            tx.commit().await?;
        }
        for part in self.inner.contacts.unwritten().chunks(1_000) {
            let mut tx = self.inner.store.begin().await?;
            for (vm, _) in part {
                // newer than what is noted as written at most
                if let Some(times) = self.contact_times(*vm) {
                    tx.agent_contact(*vm, &times).await?;
                }
            }
            tx.commit().await?;
            self.inner.contacts.wrote(part);
        }
        Ok(())
    }
}
