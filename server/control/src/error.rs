//! What a use case fails with: a fault for the caller, and the private cause for the log.

use std::error::Error as StdError;

use domain::fault::{Fault, FaultKind};

/// A failed use case. Has no `Display`: only its fault may be shown.
#[derive(Debug)]
pub struct Error {
    fault: Fault,
    /// The database row moved under us; the use case may be tried again.
    stale: bool,
}

impl Error {
    /// What may be told.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// What may be told, by value.
    pub fn into_fault(self) -> Fault {
        self.fault
    }

    /// Worth trying again at once.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// A defect or an outage: logged here once, with a number that the fault carries.
    pub(crate) fn internal(what: &str, source: &(dyn StdError + 'static)) -> Self {
        let reference = format!("{:08x}", rand::random::<u32>());
        tracing::error!(reference, cause = chain(source), "{what}");
        let message =
            format!("Annex could not do this because of a fault of its own. Its log has more under {reference}.");
        let mut fault = Fault::new(FaultKind::Internal, "InternalError", message);
        fault.reference = Some(reference);
        Self { fault, stale: false }
    }
}

/// An error with all its causes in one line.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self { fault, stale: false }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        error.fault
    }
}

/// An outage: the log has the cause under the fault's reference.
fn not_now(source: &(dyn StdError + 'static), code: &str, message: &str) -> Error {
    let reference = format!("{:08x}", rand::random::<u32>());
    tracing::warn!(reference, code, cause = chain(source), "the database cannot serve");
    let mut fault = Fault::new(FaultKind::Unavailable, code, message);
    fault.reference = Some(reference);
    fault.into()
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::Stale { .. } => Self {
                fault: Fault::new(
                    FaultKind::Stale,
                    "PreconditionFailed",
                    "Somebody changed this at the same moment. Look at it again, then repeat your change.",
                ),
                stale: true,
            },
            store::Error::Duplicate { what } => Fault::new(
                FaultKind::Conflict,
                "ResourceExists",
                format!("{what} exists already. Choose another name."),
            )
            .at("name")
            .into(),
            store::Error::Unavailable(source) => not_now(
                source,
                "ServiceUnavailable",
                "The portal's database does not answer now. Nothing was changed; try again in a moment.",
            ),
            store::Error::Full(source) => not_now(
                source,
                "InsufficientStorage",
                "The disk that holds the portal's data is full, so nothing was changed. Its owner has to free space there; then the same works again, without a restart.",
            ),
            store::Error::Uncertain(source) => not_now(
                source,
                "OutcomeUnknown",
                "The database was lost just while this was being saved. Look whether it was done before you repeat it.",
            ),
            other => Self::internal("database", other),
        }
    }
}
