//! Clock and ids as parameters, so that tests decide what time it is.

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use domain::timestamp::Timestamp;
use rand::TryRngCore;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now. May jump: people and time servers set clocks.
    fn now(&self) -> Timestamp;
    /// Time since some moment before. Never jumps: for what is measured inside one process.
    fn steady(&self) -> Duration;
}

/// Makes ids and secrets.
pub trait Ids: Send + Sync {
    /// A new id; ids made later sort later.
    fn uuid(&self) -> Uuid;
    /// Fills with unpredictable bytes.
    fn random(&self, bytes: &mut [u8]);
}

/// The outside world as the use cases see it.
#[derive(Clone)]
pub struct Context {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The ids.
    pub ids: Arc<dyn Ids>,
}

impl Context {
    /// The real clock and random ids.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) }
    }
}

/// The system's clock.
pub struct SystemClock;

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let nanos = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
        Timestamp::from_millis(i64::try_from(nanos / 1_000_000).unwrap_or(0))
    }

    fn steady(&self) -> Duration {
        BEGUN.elapsed()
    }
}

/// UUIDs of version 7 and the system's randomness.
pub struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn random(&self, bytes: &mut [u8]) {
        rand::rngs::OsRng.try_fill_bytes(bytes).expect("the operating system gives random bytes");
    }
}
