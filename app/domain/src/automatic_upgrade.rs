//! Which extensions move to a newer version by themselves next (`enableAutomaticUpgrade`; extension model, section 3.4).
//!
//! ```text
//!  a newer version of the same major is published
//!    ─► wave: at most a fifth of those that ask for it ─► all of it ended? ─► next wave
//!                                                   └─ more than a fifth of those that moved failed ─► nobody else
//! ```

use crate::{extension::ProvisioningState, ids::ExtensionId, version::ExtensionVersion};

/// One extension that asks to be moved.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Which.
    pub id: ExtensionId,
    /// The version that is wanted of it now.
    pub version: ExtensionVersion,
    /// How its last change ended.
    pub state: ProvisioningState,
    /// A change of it is under way.
    pub open: bool,
    /// Its machine's agent answers. A machine that is off or silent is left alone, and holds nobody up.
    pub ready: bool,
}

/// The share of all that moves at a time, and the share of failures that ends it: one in so many.
const ONE_IN: usize = 5;

/// Those that move to `newest` now. `all`: every extension of one handler that asks for it and is of the same major version.
pub fn wave(all: &[Candidate], newest: &ExtensionVersion) -> Vec<ExtensionId> {
    if all.iter().any(|one| one.open && one.ready) {
        return Vec::new();
    }
    let moved = all.iter().filter(|one| one.version == *newest);
    let (good, bad): (Vec<_>, Vec<_>) = moved.partition(|one| one.state == ProvisioningState::Succeeded);
    if bad.len() * ONE_IN > good.len() + bad.len() {
        return Vec::new();
    }
    let behind = all
        .iter()
        .filter(|one| one.version < *newest && one.ready && !one.open && one.state == ProvisioningState::Succeeded);
    behind.take(all.len().div_ceil(ONE_IN)).map(|one| one.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: u128, version: &str, state: ProvisioningState) -> Candidate {
        Candidate {
            id: ExtensionId::new(uuid::Uuid::from_u128(number)),
            version: version.parse().expect("a version"),
            state,
            open: false,
            ready: true,
        }
    }

    #[test]
    fn a_fifth_moves_at_a_time_and_failures_end_it() {
        use ProvisioningState::{Failed, Succeeded, Updating};
        let newest = "1.2.0".parse().expect("a version");
        let mut all: Vec<Candidate> = (0..10).map(|n| one(n, "1.1.0", Succeeded)).collect();
        let first = wave(&all, &newest);
        assert_eq!(first.len(), 2);
        // it is under way: nobody else
        for moved in &mut all[..2] {
            *moved = Candidate { version: newest.clone(), state: Updating, open: true, ..moved.clone() };
        }
        assert!(wave(&all, &newest).is_empty());
        // one of the two machines fell silent: it holds nobody up; the other one ended well
        (all[0].ready, all[1].open, all[1].state) = (false, false, Succeeded);
        all[0].state = Succeeded;
        assert_eq!(wave(&all, &newest), [all[2].id, all[3].id]);
        all[0] = one(0, "1.2.0", Failed);
        assert!(wave(&all, &newest).is_empty(), "one of two failed");
        // a machine that is off is not moved, nor one that has failed before
        let off = [Candidate { ready: false, ..one(1, "1.1.0", Succeeded) }, one(2, "1.1.0", Failed)];
        assert!(wave(&off, &newest).is_empty());
        assert_eq!(wave(&[one(1, "1.1.0", Succeeded)], &newest).len(), 1, "a single one moves");
        assert!(wave(&[one(1, "1.2.0", Succeeded)], &newest).is_empty());
    }
}
