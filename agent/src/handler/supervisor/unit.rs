//! Step after step for one handler, until nothing is left or something failed.

use std::io;

use super::process::{Superseded, Work, forget};
use crate::handler::plan::{Focus, Step, next};
use crate::handler::record::{Outcome, Record};
use crate::handler::{Failure, WantedHandler, Wish, codes};

impl Work<'_> {
    /// Takes the steps of one handler, enabling only the instance in focus.
    ///
    /// # Errors
    /// A newer goal state came between two steps.
    pub async fn unit(&self, handler: &WantedHandler, focus: Focus<'_>) -> Result<(), Superseded> {
        loop {
            self.go_on()?;
            let Some(record) = self.shared.store.get(&handler.name) else { return Ok(()) };
            if record.outcome != Outcome::Pending {
                return Ok(());
            }
            let taken = match next(&record, handler, focus) {
                Some(Step::Fetch { .. }) => self.fetch(handler, &record).await?,
                Some(step) => self.take(handler, &record, &step).await,
                None => {
                    if let Err(error) = self.rest(handler, &record).await {
                        tracing::error!(%error, handler = handler.name, "the end of the work is not recorded");
                    }
                    return Ok(());
                }
            };
            if let Err(error) = taken {
                self.give_up(&record, &error).await;
                return Ok(());
            }
            self.after_step(handler).await;
        }
    }

    /// Nothing is left for the focus; perhaps nothing at all.
    async fn rest(&self, handler: &WantedHandler, record: &Record) -> io::Result<()> {
        if next(record, handler, Focus::All).is_some() {
            return Ok(());
        }
        if record.wish == Wish::Uninstalled {
            self.close_runs(record, None).await;
            return forget(self.shared, record);
        }
        let record = self.shared.store.update(&handler.name, |record| {
            record.outcome = Outcome::Done;
            record.clone()
        })?;
        if record.wish == Wish::Disabled {
            self.close_runs(&record, None).await;
        }
        self.shared.write_state_files(&record);
        self.shared.tidy(&record);
        self.shared.publish();
        Ok(())
    }

    /// Whatever the step changed becomes visible, and a failed attempt ends its runs.
    async fn after_step(&self, handler: &WantedHandler) {
        let Some(record) = self.shared.store.get(&handler.name) else { return };
        self.shared.write_state_files(&record);
        self.shared.look(&record);
        self.shared.publish();
        self.shared.settle().await;
        if record.failure().is_some() {
            self.close_runs(&record, None).await;
            self.shared.tidy(&record);
        }
    }

    /// Ends the runs of this attempt that are not only waiting for a final status.
    async fn close_runs(&self, record: &Record, note: Option<&str>) {
        for (key, known) in &record.extensions {
            let ours =
                known.run.as_ref().is_some_and(|run| run.incarnation == record.incarnation && !run.enable_returned);
            if ours {
                self.shared.close_run(record, key, None, note.map(str::to_owned)).await;
            }
        }
    }

    /// The agent itself could not go on, for example because the disk is full.
    async fn give_up(&self, record: &Record, error: &io::Error) {
        let message = format!("the agent can not go on with this handler: {error}");
        tracing::error!(handler = record.handler, "{message}");
        self.close_runs(record, Some(&message)).await;
        let failed = Outcome::Failed(Failure::new(codes::GENERIC, message));
        self.shared.store.update_even_unsaved(&record.handler, |record| record.outcome = failed.clone());
        self.shared.publish();
    }
}
