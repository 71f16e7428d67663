//! Conditions that a caller puts on a change: ARM's `If-Match` and `If-None-Match` (arm-api, section 2).

use crate::{
    fault::{Fault, FaultKind},
    generation::Generation,
};

/// What must be so for a change to be made. The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `If-Match`.
    pub only_if: Option<OnlyIf>,
    /// `If-None-Match: *`: only if it is not there yet.
    pub only_if_new: bool,
}

/// What `If-Match` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnlyIf {
    /// `*`: that it is there.
    Present,
    /// That it is as it was then.
    Unchanged(Generation),
    /// A text that none of our ETags is.
    Never,
}

impl Conditions {
    /// Do they hold for something of this generation (`None`: it is not there)?
    ///
    /// Error: `PreconditionFailed`.
    pub fn check(&self, there: Option<Generation>) -> Result<(), Fault> {
        let failed = |message: &str| Err(Fault::new(FaultKind::Stale, "PreconditionFailed", message));
        if self.only_if_new && there.is_some() {
            return failed("It is there already, and If-None-Match asks that it is not. Nothing was changed.");
        }
        match (&self.only_if, there) {
            (None, _) | (Some(OnlyIf::Present), Some(_)) => Ok(()),
            (Some(OnlyIf::Unchanged(seen)), Some(now)) if *seen == now => Ok(()),
            (Some(_), None) => failed("It is not there, and If-Match asks that it is. Nothing was changed."),
            (Some(_), Some(_)) => failed(
                "It was changed since it was read: its ETag is another one. Read it again, then repeat the change.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_made_only_under_its_conditions() {
        let (one, two) = (Generation::new(1), Generation::new(2));
        let if_match = |only_if| Conditions { only_if: Some(only_if), only_if_new: false };
        let new = Conditions { only_if: None, only_if_new: true };
        for (conditions, there, holds) in [
            (Conditions::default(), None, true),
            (Conditions::default(), Some(one), true),
            (new.clone(), None, true),
            (new, Some(one), false),
            (if_match(OnlyIf::Present), Some(one), true),
            (if_match(OnlyIf::Present), None, false),
            (if_match(OnlyIf::Unchanged(one)), Some(one), true),
            (if_match(OnlyIf::Unchanged(one)), Some(two), false),
            (if_match(OnlyIf::Unchanged(one)), None, false),
            (if_match(OnlyIf::Never), Some(one), false),
        ] {
            let found = conditions.check(there).map_err(|fault| fault.code);
            assert_eq!(found.is_ok(), holds, "{conditions:?} of {there:?}");
            assert!(found.err().is_none_or(|code| code == "PreconditionFailed"));
        }
    }
}
