//! From single observations to the health that is reported: a pure machine.
//!
//! ```text
//!                 N equal observations, other than what the end of the grace period means
//!             ┌─────────────────────────────────────────────────────────────────────────┐
//!             │                                                                         ▼
//!  Initializing ──grace period over──► what its end means (tcp: Unhealthy, http: Unknown)
//!                                                        │  ▲
//!                                                        ▼  │ N equal observations in a row
//!                                            Healthy ◄──► Unhealthy ◄──► Unknown
//! ```
//!
//! A different observation begins the count again at 1; N equal ones set it back to 0.

use std::time::Duration;

/// What one probe saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// The application says it is well.
    Healthy,
    /// The application says it is not, or does not take connections.
    Unhealthy,
    /// The application gives no usable answer.
    Unknown,
}

/// What is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Within the grace period, nothing certain yet.
    Initializing,
    /// See [`Observed::Healthy`].
    Healthy,
    /// See [`Observed::Unhealthy`].
    Unhealthy,
    /// See [`Observed::Unknown`].
    Unknown,
}

impl From<Observed> for Health {
    fn from(observed: Observed) -> Self {
        match observed {
            Observed::Healthy => Self::Healthy,
            Observed::Unhealthy => Self::Unhealthy,
            Observed::Unknown => Self::Unknown,
        }
    }
}

impl Health {
    /// The word that is reported.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Initializing => "Initializing",
            Self::Healthy => "Healthy",
            Self::Unhealthy => "Unhealthy",
            Self::Unknown => "Unknown",
        }
    }
}

/// What the machine goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How many equal observations in a row count; at least 1.
    pub probes: u32,
    /// How long an application may take to start. Zero for none.
    pub grace: Duration,
    /// What the end of the grace period means.
    pub after_grace: Observed,
}

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    in_grace: bool,
    last: Option<Observed>,
    in_row: u32,
    committed: Option<Health>,
}

impl Machine {
    /// The machine before the first observation.
    #[must_use]
    pub const fn new(rules: &Rules) -> Self {
        Self { in_grace: !rules.grace.is_zero(), last: None, in_row: 0, committed: None }
    }

    /// The machine after one more observation, made `elapsed` after the start.
    #[must_use]
    pub fn observe(self, rules: &Rules, observed: Observed, elapsed: Duration) -> Self {
        let mut next = self;
        next.in_row = if self.last == Some(observed) { self.in_row + 1 } else { 1 };
        next.last = Some(observed);
        let mut state = Health::from(observed);
        if self.in_grace {
            if elapsed >= rules.grace {
                next.in_grace = false;
                next.last = Some(rules.after_grace);
                next.in_row = 1;
                next.committed = None;
                state = Health::from(rules.after_grace);
            } else if next.in_row == rules.probes && observed != rules.after_grace {
                next.in_grace = false;
            } else {
                state = Health::Initializing;
            }
        }
        if next.in_row == rules.probes || next.committed.is_none() {
            next.committed = Some(state);
        }
        if next.in_row == rules.probes {
            next.in_row = 0;
        }
        next
    }

    /// What is reported now.
    #[must_use]
    pub fn health(&self) -> Health {
        self.committed.unwrap_or(Health::Initializing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Observed::{Healthy, Unhealthy, Unknown};
    use proptest::prelude::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    fn rules(probes: u32, grace: u64, after_grace: Observed) -> Rules {
        Rules { probes, grace: Duration::from_secs(grace), after_grace }
    }

    /// What is reported after each observation, one every five seconds from the start.
    fn reported(rules: &Rules, observations: &[Observed]) -> Vec<Health> {
        let mut machine = Machine::new(rules);
        let mut all = Vec::new();
        for (index, observed) in (0..).zip(observations) {
            machine = machine.observe(rules, *observed, INTERVAL * index);
            all.push(machine.health());
        }
        all
    }

    fn words(rules: &Rules, observations: &[Observed]) -> String {
        reported(rules, observations)
            .iter()
            .map(|health| health.word().get(..2).unwrap_or_default())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_grace_period_ends_early_or_on_time() {
        // without a grace period the first observation counts
        assert_eq!(words(&rules(3, 0, Unknown), &[Unhealthy, Healthy]), "Un Un");
        assert_eq!(words(&rules(1, 5, Unknown), &[Healthy]), "He");
        assert_eq!(words(&rules(3, 60, Unknown), &[Healthy, Healthy, Healthy, Unhealthy]), "In In He He");
        assert_eq!(words(&rules(2, 60, Unknown), &[Unhealthy, Unhealthy]), "In Un");
        // repeated silence over http keeps it waiting, over tcp a refused connection does
        let silence = [Unknown; 5];
        assert_eq!(reported(&rules(1, 15, Unknown), &silence)[2..4], [Health::Initializing, Health::Unknown]);
        assert_eq!(words(&rules(1, 15, Unhealthy), &[Unhealthy; 4]), "In In In Un");
        // the observation at the end of the period is overruled
        assert_eq!(
            reported(&rules(1, 5, Unknown), &[Unknown, Healthy, Healthy])[1..],
            [Health::Unknown, Health::Healthy]
        );
    }

    #[test]
    fn a_change_needs_as_many_in_a_row() {
        let rules = rules(3, 0, Unknown);
        let seen = [Healthy, Unhealthy, Unhealthy, Healthy, Unhealthy, Unhealthy, Unhealthy, Unknown, Unknown, Unknown];
        let expected = [Health::Healthy; 6].into_iter().chain([Health::Unhealthy; 3]).chain([Health::Unknown]);
        assert_eq!(reported(&rules, &seen), expected.collect::<Vec<_>>());
    }

    fn any_observed() -> impl Strategy<Value = Observed> {
        prop_oneof![Just(Healthy), Just(Unhealthy), Just(Unknown)]
    }

    proptest! {
        #[test]
        fn nothing_changes_without_enough_equal_observations(
            probes in 1_u32..6, grace in 0_u64..60, after in any_observed(),
            seen in proptest::collection::vec(any_observed(), 1..60),
        ) {
            let rules = rules(probes, grace, after);
            let reported = reported(&rules, &seen);
            let needed = probes as usize;
            for index in 1..seen.len() {
                let (before, now) = (reported[index - 1], reported[index]);
                prop_assert!(now != Health::Initializing || before == Health::Initializing, "back to Initializing");
                let expired = before == Health::Initializing && now == Health::from(after)
                    && INTERVAL * u32::try_from(index).unwrap() >= rules.grace;
                if now != before && !expired {
                    prop_assert!(index + 1 >= needed);
                    let row = &seen[index + 1 - needed..=index];
                    prop_assert!(row.iter().all(|observed| Health::from(*observed) == now), "{row:?} gave {now:?}");
                }
            }
        }

        #[test]
        fn enough_equal_observations_always_change_it(
            probes in 1_u32..6, grace in 0_u64..60, after in any_observed(),
            before in proptest::collection::vec(any_observed(), 0..30), then in any_observed(),
        ) {
            let rules = rules(probes, grace, after);
            // twice as many, since some may fall into the count of an equal row before, and one onto the end of grace
            let mut seen = before;
            seen.extend(std::iter::repeat_n(then, 2 * probes as usize + 1));
            let health = *reported(&rules, &seen).last().unwrap();
            let waiting = INTERVAL * u32::try_from(seen.len() - 1).unwrap() < rules.grace && then == after;
            prop_assert!(health == Health::from(then) || waiting && health == Health::Initializing, "{health:?}");
        }

        #[test]
        fn the_grace_period_is_over_at_the_latest_when_its_time_is(
            probes in 1_u32..6, grace in 1_u64..60, after in any_observed(),
            seen in proptest::collection::vec(any_observed(), 20..30),
        ) {
            let rules = rules(probes, grace, after);
            for (index, health) in (0..).zip(reported(&rules, &seen)) {
                prop_assert!(health != Health::Initializing || INTERVAL * index < rules.grace);
            }
        }

        #[test]
        fn a_count_never_passes_what_is_needed(
            probes in 1_u32..6, grace in 0_u64..60, seen in proptest::collection::vec(any_observed(), 1..60),
        ) {
            let rules = rules(probes, grace, Unknown);
            let mut machine = Machine::new(&rules);
            for (index, observed) in (0..).zip(seen) {
                machine = machine.observe(&rules, observed, INTERVAL * index);
                prop_assert!(machine.in_row < rules.probes);
            }
        }
    }
}
