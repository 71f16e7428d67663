//! How often somebody may try: passwords and enrolment tokens.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::fault::{Fault, FaultKind};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Tries allowed at once, then one each 6 seconds: for one name, and for one address.
const BURST: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
/// How long an address is kept out that has used up its tries.
const PAUSE: Duration = Duration::from_secs(6);

/// The quota of everything that can be tried.
pub(crate) fn quota() -> Quota {
    Quota::per_minute(BURST)
}

/// What is said to somebody who tried too often.
pub(crate) fn too_many() -> Fault {
    Fault::new(FaultKind::TooMany, "TooManyRequests", "Too many tries. Wait a minute, then try again.")
}

/// Limits tries that failed, by address. What succeeds is free: a hundred machines behind one address may enrol at once.
pub(crate) struct Failures {
    limiter: DefaultKeyedRateLimiter<String>,
    /// Addresses that are kept out, and until when by the steady clock.
    out: Mutex<HashMap<String, Duration>>,
}

impl Failures {
    pub(crate) fn new() -> Self {
        Self { limiter: RateLimiter::keyed(quota()), out: Mutex::default() }
    }

    /// May this address try? Error: `TooManyRequests`.
    pub(crate) fn check(&self, remote: &str, steady: Duration) -> Result<(), Fault> {
        let out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.get(remote).is_some_and(|until| steady < *until) { Err(too_many()) } else { Ok(()) }
    }

    /// A try of this address failed.
    pub(crate) fn note(&self, remote: &str, steady: Duration) {
        if self.limiter.check_key(&remote.to_owned()).is_err() {
            self.out.lock().unwrap_or_else(PoisonError::into_inner).insert(remote.to_owned(), steady + PAUSE);
        }
    }

    /// Forgets addresses that are not limited any more.
    pub(crate) fn tidy(&self, steady: Duration) {
        self.limiter.retain_recent();
        self.out.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, until| steady < *until);
    }
}
