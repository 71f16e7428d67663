//! Waiting between attempts: twice as long each time, never longer than a limit, never in step with other machines.

use std::time::Duration;

/// The pauses of one kind of attempt.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    limit: Duration,
    next: Duration,
}

impl Backoff {
    /// Pauses from about `first` to about `limit`.
    #[must_use]
    pub fn new(first: Duration, limit: Duration) -> Self {
        Self { first, limit, next: first }
    }

    /// The next pause: somewhere between half and the whole of the current length.
    pub fn pause(&mut self) -> Duration {
        let length = self.next;
        self.next = (length * 2).min(self.limit);
        length.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// It worked: the next pause is short again.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn pauses_grow_to_the_limit_and_start_again() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        let pauses: Vec<_> = (0..10).map(|_| backoff.pause()).collect();
        assert!(pauses[0] <= Duration::from_millis(100) && pauses[0] >= Duration::from_millis(50));
        assert!(pauses[9] <= Duration::from_secs(1) && pauses[9] >= Duration::from_millis(500));
        backoff.reset();
        assert!(backoff.pause() <= Duration::from_millis(100));
    }
}
