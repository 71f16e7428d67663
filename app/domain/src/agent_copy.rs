//! Who may use a machine's credential: one machine, in one process at a time.
//!
//! ```text
//!  h1 h1 h2 h2 h2 …      a restart: h1 never comes back
//!  h1 h1 h2 h1           h2 is a copy: it is refused from now on, h1 goes on
//!  another fingerprint   a copy, at once
//! ```

use crate::fault::{Fault, FaultKind};

/// A process that showed the credential, in the order of first appearance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What it calls itself.
    pub name: String,
    /// It was found to be a copy.
    pub refused: bool,
}

/// What to think of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// It comes from the holder that is known.
    Known,
    /// From a new one: the first, or one that takes over after a restart.
    TakesOver,
    /// From one that was there before the present one: these newer ones are copies, and it goes on.
    CameBack {
        /// The copies.
        copies: Vec<String>,
    },
    /// From a copy: refuse it.
    Copy,
}

/// Judges a request of `holder` on a machine with `fingerprint`, when `holders` showed the credential before (oldest first)
/// and `known` is the fingerprint that was remembered at the first contact after enrolment.
#[must_use]
pub fn judge(holders: &[Holder], known: Option<&str>, holder: &str, fingerprint: Option<&str>) -> Holding {
    let place = holders.iter().position(|h| h.name == holder);
    if place.is_some_and(|at| holders[at].refused) {
        return Holding::Copy;
    }
    if let (Some(known), Some(fingerprint)) = (known, fingerprint)
        && known != fingerprint
    {
        return Holding::Copy;
    }
    let Some(place) = place else { return Holding::TakesOver };
    let copies: Vec<String> = holders[place + 1..].iter().filter(|h| !h.refused).map(|h| h.name.clone()).collect();
    if copies.is_empty() { Holding::Known } else { Holding::CameBack { copies } }
}

/// What a copy is told.
#[must_use]
pub fn refusal(name: &str) -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "MachineIsCopy",
        format!(
            "Another machine uses the credential of {name}: this one is taken for a copy of it and is not served. Enrol it again with a token of its own."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays requests in order; gives what was thought of each.
    fn play(order: &[(&str, &str)]) -> Vec<&'static str> {
        let (mut holders, mut known): (Vec<Holder>, Option<String>) = (Vec::new(), None);
        order
            .iter()
            .map(|(holder, fingerprint)| {
                let fingerprint = (!fingerprint.is_empty()).then_some(*fingerprint);
                let holding = judge(&holders, known.as_deref(), holder, fingerprint);
                let known_before = holders.iter().any(|h| h.name == *holder);
                match &holding {
                    Holding::Known => "known",
                    Holding::TakesOver => {
                        holders.push(Holder { name: (*holder).to_owned(), refused: false });
                        known = known.take().or(fingerprint.map(str::to_owned));
                        "new"
                    }
                    Holding::CameBack { copies } => {
                        holders.iter_mut().filter(|h| copies.contains(&h.name)).for_each(|h| h.refused = true);
                        "back"
                    }
                    Holding::Copy => {
                        if !known_before {
                            holders.push(Holder { name: (*holder).to_owned(), refused: true });
                        }
                        "copy"
                    }
                }
            })
            .collect()
    }

    fn of(order: &[&str]) -> Vec<&'static str> {
        play(&order.iter().map(|holder| (*holder, "")).collect::<Vec<_>>())
    }

    #[test]
    fn a_restart_is_no_copy() {
        assert_eq!(of(&["a", "a", "b", "b", "c", "c"]), ["new", "known", "new", "known", "new", "known"]);
    }

    #[test]
    fn the_newer_of_two_that_alternate_is_the_copy_and_the_first_goes_on() {
        assert_eq!(of(&["a", "b", "a", "b", "a", "b"]), ["new", "new", "back", "copy", "known", "copy"]);
    }

    #[test]
    fn a_copy_that_restarts_is_found_again() {
        assert_eq!(of(&["a", "b", "a", "c", "b", "a", "c"]), ["new", "new", "back", "new", "copy", "back", "copy"]);
    }

    #[test]
    fn the_first_may_restart_while_a_copy_is_refused() {
        assert_eq!(of(&["a", "b", "a", "b", "c", "b", "c"]), ["new", "new", "back", "copy", "new", "copy", "known"]);
    }

    #[test]
    fn several_that_came_later_are_all_copies() {
        assert_eq!(of(&["a", "b", "c", "a", "b", "c", "a"]), ["new", "new", "new", "back", "copy", "copy", "known"]);
    }

    #[test]
    fn another_fingerprint_is_a_copy_at_once_and_stays_one() {
        let order = [("a", "m1"), ("b", "m2"), ("a", "m1"), ("b", ""), ("c", "m1"), ("d", "m2")];
        assert_eq!(play(&order), ["new", "copy", "known", "copy", "new", "copy"]);
        assert_eq!(play(&[("a", ""), ("a", "m1"), ("b", "m2")]), ["new", "known", "new"], "nothing was remembered");
    }
}
