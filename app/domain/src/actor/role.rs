//! Roles: sets of permissions, with the names and ids that Azure gives them.

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

use super::Permission;

/// What somebody may do at a scope: a set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Sees everything but secrets.
    Reader,
    /// Also changes extensions.
    ExtensionOperator,
    /// Also changes, adds and removes machines.
    VmContributor,
    /// Also manages resource groups.
    Contributor,
    /// Everything.
    Owner,
}

impl Role {
    /// All roles. Each happens to have the permissions of those before it, and some more.
    pub const ALL: [Self; 5] =
        [Self::Reader, Self::ExtensionOperator, Self::VmContributor, Self::Contributor, Self::Owner];

    /// What it permits.
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission::{
            AcceptRisk, ChangeExtensions, ChangeMachines, ManageAccounts, ManageGroups, ManageMachines,
            PublishPackages, Read,
        };
        match self {
            Self::Reader => &[Read],
            Self::ExtensionOperator => &[Read, ChangeExtensions],
            Self::VmContributor => &[Read, ChangeExtensions, ChangeMachines, ManageMachines],
            Self::Contributor => &[Read, ChangeExtensions, ChangeMachines, ManageMachines, ManageGroups],
            Self::Owner => &[
                Read,
                ChangeExtensions,
                ChangeMachines,
                ManageMachines,
                ManageGroups,
                PublishPackages,
                ManageAccounts,
                AcceptRisk,
            ],
        }
    }

    /// Does it permit this?
    pub fn grants(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// Azure's word for the role (`Virtual Machine Extension Operator` is Annex's own).
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reader => "Reader",
            Self::ExtensionOperator => "Virtual Machine Extension Operator",
            Self::VmContributor => "Virtual Machine Contributor",
            Self::Contributor => "Contributor",
            Self::Owner => "Owner",
        }
    }

    /// One sentence for the page where roles are given.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Reader => "Sees machines, extensions, operations and activity. Changes nothing.",
            Self::ExtensionOperator => "Also installs, changes and removes extensions. On a machine that means root.",
            Self::VmContributor => "Also starts, stops, tags, adds and removes machines; lab machines included.",
            Self::Contributor => "Also creates and removes resource groups.",
            Self::Owner => "Also manages accounts, service principals, roles and packages.",
        }
    }

    /// The id of its role definition: the one that Azure gives its built-in role, so that clients find it by name or id.
    pub const fn definition_id(self) -> Uuid {
        match self {
            Self::Owner => uuid!("8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
            Self::Contributor => uuid!("b24988ac-6180-42a0-ab88-20f7382dd24c"),
            Self::Reader => uuid!("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
            Self::VmContributor => uuid!("9980e02c-c2be-4d73-94e8-173b1dc7cf3c"),
            Self::ExtensionOperator => uuid!("5d1f7c3e-8b0a-4e96-9a42-c67d10e3b85f"),
        }
    }

    /// The role with this definition id.
    pub fn by_definition_id(id: Uuid) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.definition_id() == id)
    }

    /// Reads the label back, without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.label().eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_says_what_it_adds_and_adds_something() {
        for pair in Role::ALL.windows(2) {
            let (less, more) = (pair[0].permissions(), pair[1].permissions());
            assert!(less.iter().all(|p| more.contains(p)) && more.len() > less.len(), "{pair:?}");
        }
        for permission in Permission::ALL {
            assert!(Role::Owner.grants(permission), "an Owner may {}", permission.verb_phrase());
            let least = permission.least_role();
            assert!(least.grants(permission));
            assert!(Role::ALL.iter().take_while(|role| **role != least).all(|role| !role.grants(permission)));
        }
        assert!(
            !Role::Contributor.grants(Permission::AcceptRisk) && !Role::Contributor.grants(Permission::PublishPackages)
        );
    }

    #[test]
    fn roles_are_found_by_their_names_and_ids() {
        for role in Role::ALL {
            assert_eq!(Role::parse(&role.label().to_uppercase()), Some(role));
            assert_eq!(Role::by_definition_id(role.definition_id()), Some(role));
        }
        assert_eq!(Role::parse("Nobody"), None);
    }
}
