//! What the parts of a running agent tell each other: where to report, and when to stop.

use tokio::sync::watch;

/// Ends of the channels that every part holds.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Where the status document goes; nothing before the first goal state.
    pub status_url: watch::Sender<Option<String>>,
    /// True once the agent is asked to stop.
    pub stop: watch::Sender<bool>,
}

impl Default for Contact {
    fn default() -> Self {
        Self { status_url: watch::Sender::new(None), stop: watch::Sender::new(false) }
    }
}

impl Contact {
    /// Waits until the agent is asked to stop.
    pub async fn stopped(&self) {
        // the sender lives in self, so waiting cannot fail
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Whether the agent is asked to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Says where the status document goes.
    pub fn set_status_url(&self, url: Option<String>) {
        self.status_url.send_if_modified(|known| {
            let new = *known != url;
            *known = url;
            new
        });
    }
}
