//! Looks after held requests whose signal may have been lost (another process wrote, and the notice did not arrive).

use store::Engine;

use crate::{Control, Error};

impl Control {
    /// Compares what held requests wait on with the database.
    pub(crate) async fn goal_states_refresh(&self) -> Result<(), Error> {
        if self.inner.store.engine() == Engine::Sqlite {
            return Ok(()); // one process: no signal crosses a border
        }
        for vm in self.inner.goal_states.watched() {
            let mut conn = self.inner.store.read().await?;
            if let Some((incarnation, _)) = conn.goal_state_get(vm).await? {
                self.inner.goal_states.raise(vm, incarnation);
            }
        }
        Ok(())
    }
}
