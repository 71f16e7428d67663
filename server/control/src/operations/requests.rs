//! What an agent that reports only results asks for, as observations of its open operations.

use domain::{
    ids::VmId,
    operation::{Observation, Request},
};

use super::driver::Touched;
use crate::{Control, Error};

impl Control {
    /// The machine asked for something about a handler (`Publisher.Type`, case ignored).
    pub async fn machine_requested(&self, vm: VmId, handler: &str, request: Request) -> Result<(), Error> {
        let handler = handler.to_lowercase();
        let concerns = |row: &store::TargetRow| row.handler_key.as_deref() == Some(handler.as_str());
        // most requests concern nothing that is open: those cost one read
        if !self.inner.store.read().await?.target_open_on(vm).await?.iter().any(concerns) {
            return Ok(());
        }
        let mut tries = 0;
        loop {
            match self.requested_try(vm, concerns, request).await {
                Err(error) if error.is_stale() && tries < 5 => tries += 1,
                other => return other,
            }
        }
    }

    async fn requested_try(
        &self,
        vm: VmId,
        concerns: impl Fn(&store::TargetRow) -> bool,
        request: Request,
    ) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        for row in tx.target_open_on(vm).await?.into_iter().filter(|row| concerns(row)) {
            self.observe(&mut tx, row, &Observation::Requested(request), &mut touched).await?;
        }
        self.commit(tx, touched).await
    }
}
