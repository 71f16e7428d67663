//! Drops what nobody needs any more.

use crate::{Control, Error, settled::KEPT_MS};

/// How long the lines of a run are kept after it was accepted.
const OUTPUT_KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;

impl Control {
    pub(crate) async fn tidy(&self) -> Result<(), Error> {
        self.inner.sign_in.tidy();
        self.inner.enrolments.tidy(self.steady());
        self.inner.token_tries.tidy(self.steady());
        self.inner.goal_states.tidy();
        self.inner.contacts.tidy(self.steady());
        self.inner.told.tidy(self.steady());
        let now = self.now();
        let mut tx = self.inner.store.begin().await?;
        tx.run_records_drop(now.plus_millis(-OUTPUT_KEPT_MS)).await?;
        tx.enrolment_tokens_drop(now).await?;
        tx.agent_events_drop(now).await?;
        tx.former_credentials_drop(now).await?;
        tx.server_lives_drop(now).await?;
        tx.settled_request_tidy(now.plus_millis(-KEPT_MS)).await?;
        tx.token_keys_drop(now.plus_millis(-crate::tokens::KEY_KEPT_MS)).await?;
        tx.commit().await?;
        Ok(())
    }
}
