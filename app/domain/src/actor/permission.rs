//! What can be permitted.

use serde::{Deserialize, Serialize};

use super::Role;

/// Something that an actor may or may not do. The button and the use case ask the same question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// Look at machines, extensions, operations, activity, marketplace.
    Read,
    /// Install, change, run again, update, roll back and remove extensions; cancel their operations.
    ChangeExtensions,
    /// Start, stop, restart, tag machines.
    ChangeMachines,
    /// Register, enrol and remove machines; lab machines included.
    ManageMachines,
    /// Create, change and delete resource groups.
    ManageGroups,
    /// Publish packages.
    PublishPackages,
    /// Create accounts and service principals, give roles, disable both.
    ManageAccounts,
    /// Let lab machines run without isolation on a host that cannot isolate them.
    AcceptRisk,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::ChangeExtensions,
        Self::ChangeMachines,
        Self::ManageMachines,
        Self::ManageGroups,
        Self::PublishPackages,
        Self::ManageAccounts,
        Self::AcceptRisk,
    ];

    /// The role with the fewest permissions that has this one.
    pub fn least_role(self) -> Role {
        Role::ALL.into_iter().find(|role| role.grants(self)).unwrap_or(Role::Owner)
    }

    /// What is done, as it follows "You may not".
    pub const fn verb_phrase(self) -> &'static str {
        match self {
            Self::Read => "look at this",
            Self::ChangeExtensions => "change extensions",
            Self::ChangeMachines => "change machines",
            Self::ManageMachines => "add or remove machines",
            Self::ManageGroups => "create, change or delete resource groups",
            Self::PublishPackages => "publish packages",
            Self::ManageAccounts => "manage access",
            Self::AcceptRisk => "let lab machines run without isolation",
        }
    }
}
