//! Typed identifiers. Mixing two of them does not compile.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::Fault;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an identifier that was made elsewhere (rules make none: ids are parameters).
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare identifier.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Fault;

            /// Parses the hyphenated form. Error: `InvalidParameter`, naming what kind of id was expected.
            fn from_str(text: &str) -> Result<Self, Fault> {
                Uuid::parse_str(text).map(Self).map_err(|_| {
                    Fault::invalid("id", format!("That is not the id of {}.", $what))
                })
            }
        }
    )*};
}

ids! {
    /// A managed virtual machine.
    VmId = "a machine";
    /// A named, wanted configuration on one machine.
    ExtensionId = "an extension";
    /// One accepted long request.
    OperationId = "an operation";
    /// A person's or program's account.
    AccountId = "an account";
    /// Whom a role can be given to: an account, a service principal or a machine, by its own id (ARM: object id).
    PrincipalId = "a principal";
    /// What a service principal signs in as (ARM: application id, client id).
    AppId = "an application";
    /// One secret of a service principal.
    SecretId = "a secret";
    /// A role that was given to somebody at a scope.
    RoleAssignmentId = "a role assignment";
    /// The whole of this installation's machines, as programs address it.
    SubscriptionId = "a subscription";
    /// This installation as the authority that signs tokens.
    TenantId = "a tenant";
    /// A token that enrols one machine.
    EnrolmentTokenId = "an enrolment token";
    /// A line of the history of a machine's agent.
    AgentEventId = "an event";
    /// One life of a server process.
    ServerLifeId = "a life of a server";
    /// A token that is kept in an image.
    ImageTokenId = "an image token";
}
