//! Numbers that only rise.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! rising {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a stored number.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The bare number.
            pub const fn get(self) -> i64 {
                self.0
            }

            /// The number after this one.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

rising! {
    /// How often one of our own records was written: compare-and-set in the database, ETag, event id.
    Generation;
    /// The rising number of a machine's goal states (wire protocol, section 2.2).
    Incarnation;
    /// The rising number of one extension's settings: `seqNo` on the wire (extension model, section 2.4).
    SequenceNumber;
}
