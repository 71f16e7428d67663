//! What is remembered of machines that poll without saying what they have (waagent).
//!
//! ```text
//!  GET goalstate ──► Served{n} ──PUT status──► Reported{n} ──GET goalstate──► held, at most 8 s, while it is still n
//!        ▲                                         │ n+1
//!        └─────────────────────────────────────────┘
//! ```
//! A machine that has not reported since it was served is starting, or at work: it is answered at once, because it
//! reports only between polls.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{generation::Incarnation, ids::VmId};

/// Per machine: the goal state last served, and whether it reported since.
#[derive(Debug, Default)]
pub(super) struct Polls(Mutex<HashMap<VmId, Poll>>);

#[derive(Clone, Copy, Debug)]
struct Poll {
    served: Incarnation,
    reported: bool,
}

impl Polls {
    /// The goal state that the machine has and has reported about.
    pub(super) fn settled(&self, vm: VmId) -> Option<Incarnation> {
        let polls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        polls.get(&vm).filter(|poll| poll.reported).map(|poll| poll.served)
    }

    /// It was answered with this goal state.
    pub(super) fn served(&self, vm: VmId, incarnation: Incarnation) {
        let mut polls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let poll = polls.entry(vm).or_insert(Poll { served: incarnation, reported: false });
        if poll.served != incarnation {
            *poll = Poll { served: incarnation, reported: false };
        }
    }

    /// It reported.
    pub(super) fn reported(&self, vm: VmId) {
        let mut polls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(poll) = polls.get_mut(&vm) {
            poll.reported = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{generation::Incarnation, ids::VmId};

    use super::Polls;

    #[test]
    fn a_machine_is_settled_once_it_reported_about_what_it_was_served() {
        let (polls, vm) = (Polls::default(), VmId::new(uuid::Uuid::now_v7()));
        let (one, two) = (Incarnation::new(1), Incarnation::new(2));
        polls.reported(vm);
        assert_eq!(polls.settled(vm), None);
        polls.served(vm, one);
        assert_eq!(polls.settled(vm), None, "starting");
        polls.reported(vm);
        polls.served(vm, one);
        assert_eq!(polls.settled(vm), Some(one));
        polls.served(vm, two);
        assert_eq!(polls.settled(vm), None, "at work");
    }
}
