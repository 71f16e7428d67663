//! Listens to the other processes on the same database.

use std::time::Duration;

use domain::{ids::VmId, live::Topic};
use store::Notices;

use crate::Control;

impl Control {
    pub(crate) fn spawn_notices(&self) {
        let control = self.clone();
        tokio::spawn(async move {
            let shutdown = control.inner.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = control.listen() => {}
            }
        });
    }

    async fn listen(&self) {
        let mut missed = false;
        loop {
            match Notices::open(&self.inner.store).await {
                Ok(mut notices) => {
                    if missed {
                        self.inner.hub.publish_everything();
                    }
                    loop {
                        match notices.next().await {
                            Ok(Some(text)) => self.heard(&text).await,
                            // connected anew: something may have been missed. Timers look after goal states.
                            Ok(None) => self.inner.hub.publish_everything(),
                            Err(_) => break,
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "cannot listen to other processes"),
            }
            missed = true;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Words are topics, and `goal:<machine>` for a raised goal state.
    async fn heard(&self, text: &str) {
        let mut topics = Vec::new();
        for word in text.split(' ') {
            if let Ok(topic) = word.parse::<Topic>() {
                topics.push(topic);
            } else if let Some(vm) = word.strip_prefix("goal:").and_then(|id| id.parse::<VmId>().ok())
                && let Ok(incarnation) = self.goal_state_current(vm).await
            {
                self.inner.goal_states.raise(vm, incarnation);
            }
        }
        self.inner.hub.publish(topics);
    }
}
