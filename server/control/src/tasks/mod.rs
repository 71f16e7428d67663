//! Reconcilers: each makes the world match the record, is woken by signal or by timer, takes no input, and may run twice.

mod automatic_upgrades;
mod contacts;
mod deadlines;
mod goal_states;
mod lives;
mod notices;
mod power;
mod silence;
mod tidy;

use std::{future::Future, time::Duration};

use domain::agent_days::UP_NOTED_MS;

use crate::{Control, Error};

impl Control {
    /// Starts all reconcilers; they end with the server's shutdown.
    pub fn start_tasks(&self) {
        self.every("contacts", Duration::from_secs(3), |c| async move { c.contacts_write().await });
        self.every("silence", Duration::from_secs(1), |c| async move { c.silence_tell().await });
        self.every("deadlines", Duration::from_secs(5), |c| async move { c.deadlines_check().await });
        self.every("goal_states", Duration::from_secs(5), |c| async move { c.goal_states_refresh().await });
        let up_noted = Duration::from_millis(UP_NOTED_MS.unsigned_abs());
        self.every("lives", up_noted, |c| async move { c.life_note().await });
        self.every("left_out", Duration::from_secs(10), |c| async move { c.left_out_tell().await });
        self.every("automatic_upgrades", Duration::from_secs(10), |c| async move { c.automatic_upgrades().await });
        self.every("tidy", Duration::from_secs(600), |c| async move { c.tidy().await });
        self.spawn_power();
        self.spawn_notices();
    }

    /// Runs `work` again and again; a failure is logged and tried again at the next turn.
    fn every<F>(&self, name: &'static str, period: Duration, work: impl Fn(Control) -> F + Send + 'static)
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let control = self.clone();
        tokio::spawn(async move {
            let mut turns = tokio::time::interval(period);
            turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = control.inner.shutdown.cancelled() => return,
                    _ = turns.tick() => {}
                }
                if let Err(error) = work(control.clone()).await {
                    tracing::warn!(task = name, fault = error.fault().code, "a task did not finish; it is tried again");
                }
            }
        });
    }
}
