//! The hub: which topics changed, with a rising generation each. Pages and held requests wait here.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{live::Topic, timestamp::Timestamp};
use tokio::sync::broadcast;

/// Says what changed to whoever listens. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    generations: Mutex<HashMap<Topic, u64>>,
    /// Where numbers begin: the time of the start, so that they rise across restarts too.
    floor: AtomicU64,
    /// `None`: anything may have changed.
    sender: broadcast::Sender<Option<Topic>>,
}

impl Hub {
    /// An empty hub; numbers begin at `started` in milliseconds.
    pub fn new(started: Timestamp) -> Self {
        let floor = AtomicU64::new(u64::try_from(started.millis()).unwrap_or(0));
        Self { shared: Arc::new(Shared { generations: Mutex::default(), floor, sender: broadcast::channel(4096).0 }) }
    }

    /// Says that topics changed. A machine implies the list of machines, an operation the list of operations.
    pub fn publish(&self, topics: impl IntoIterator<Item = Topic>) {
        let mut all: Vec<Topic> = Vec::new();
        for topic in topics {
            let parent = match topic {
                Topic::Vm(_) => Some(Topic::Vms),
                Topic::Operation(_) => Some(Topic::Operations),
                _ => None,
            };
            for topic in [Some(topic), parent].into_iter().flatten() {
                if !all.contains(&topic) {
                    all.push(topic);
                }
            }
        }
        let mut generations = self.shared.generations.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in all {
            *generations.entry(topic).or_insert(self.shared.floor.load(Ordering::Relaxed)) += 1;
            // nobody listening is fine
            let _ = self.shared.sender.send(Some(topic));
        }
    }

    /// Says that anything may have changed, also what nobody here has published yet.
    pub fn publish_everything(&self) {
        let mut generations = self.shared.generations.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.floor.fetch_add(1, Ordering::Relaxed);
        generations.values_mut().for_each(|generation| *generation += 1);
        let _ = self.shared.sender.send(None);
    }

    /// The number of a topic now.
    pub fn generation(&self, topic: Topic) -> u64 {
        let generations = self.shared.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.get(&topic).copied().unwrap_or_else(|| self.shared.floor.load(Ordering::Relaxed))
    }

    /// Listens to topics. The first answers say where each stands now.
    pub fn subscribe(&self, topics: impl IntoIterator<Item = Topic>) -> Subscription {
        let receiver = self.shared.sender.subscribe();
        let topics: HashSet<Topic> = topics.into_iter().collect();
        let pending = topics.iter().copied().collect();
        Subscription { hub: self.clone(), receiver, topics, pending }
    }
}

/// A listener. Slow listeners lose repeats, never the newest number.
pub struct Subscription {
    hub: Hub,
    receiver: broadcast::Receiver<Option<Topic>>,
    topics: HashSet<Topic>,
    pending: VecDeque<Topic>,
}

impl Subscription {
    /// The next topic that changed, with its newest number. Waits; never ends while the hub lives.
    pub async fn next(&mut self) -> (Topic, u64) {
        loop {
            self.drain();
            if let Some(topic) = self.pending.pop_front() {
                return (topic, self.hub.generation(topic));
            }
            match self.receiver.recv().await {
                Ok(topic) => self.note(topic),
                Err(broadcast::error::RecvError::Lagged(_)) => self.note(None),
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// Takes up what has piled up, each topic once.
    fn drain(&mut self) {
        loop {
            match self.receiver.try_recv() {
                Ok(topic) => self.note(topic),
                Err(broadcast::error::TryRecvError::Lagged(_)) => self.note(None),
                Err(_) => return,
            }
        }
    }

    fn note(&mut self, topic: Option<Topic>) {
        match topic {
            None => self.pending = self.topics.iter().copied().collect(),
            Some(topic) if self.topics.contains(&topic) && !self.pending.contains(&topic) => {
                self.pending.push_back(topic);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_listener_gets_each_topic_once_with_its_newest_number() {
        let hub = Hub::new(Timestamp::from_millis(100));
        let mut listener = hub.subscribe([Topic::Images]);
        assert_eq!(listener.next().await, (Topic::Images, 100));
        for _ in 0..10_000 {
            hub.publish([Topic::Images, Topic::Activity]);
        }
        assert_eq!(listener.next().await, (Topic::Images, 10_100));
        hub.publish_everything();
        assert_eq!(listener.next().await, (Topic::Images, 10_101));
        let quiet = tokio::time::timeout(std::time::Duration::from_millis(20), listener.next()).await;
        assert!(quiet.is_err(), "nothing more was said, got {quiet:?}");
    }
}
