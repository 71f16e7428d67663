//! Who is asking, and what they may do where.
//!
//! ```text
//!  account ─── its role ──────────────┐
//!  account, service principal,        ├─► Grant { role, scope } … ─► Actor ─► may · may_in · may_on · may_somewhere
//!  machine ─── role assignments ──────┘
//!
//!  Subscription ⊃ ResourceGroup ⊃ Vm        a grant holds at its scope and at everything below it
//! ```

mod account;
mod permission;
mod role;

use serde::{Deserialize, Serialize};

pub use self::{
    account::{Account, PASSWORD_LONGEST, PASSWORD_SHORTEST, check_account_name, check_password},
    permission::Permission,
    role::Role,
};
use crate::{
    fault::Fault,
    ids::{AccountId, PrincipalId, VmId},
    name::ResourceGroupName,
    scope::{Grant, Scope},
    vm::Vm,
};

/// Who is asking: the first argument of every use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account; `None` for programs, machines and Annex itself (reconcilers, first start).
    pub account: Option<AccountId>,
    /// The object id that role assignments name; `None` for Annex itself. An account's is its own id, a machine's its own.
    pub principal: Option<PrincipalId>,
    /// Name as shown in the activity log.
    pub name: String,
    /// What the actor may do, and where.
    pub grants: Vec<Grant>,
}

impl Actor {
    /// Annex acting by itself: on start, on a timer.
    pub fn system() -> Self {
        Self { account: None, principal: None, name: "Annex".into(), grants: vec![Grant::everywhere(Role::Owner)] }
    }

    /// Somebody without any right: a name for the activity log.
    pub fn nobody(name: impl Into<String>) -> Self {
        Self { account: None, principal: None, name: name.into(), grants: Vec::new() }
    }

    /// The strongest role at the subscription, to be shown; `None` when every grant is narrower.
    pub fn role(&self) -> Option<Role> {
        let here = |role: &Role| self.grants.iter().any(|g| g.scope == Scope::Subscription && g.role == *role);
        Role::ALL.into_iter().rev().find(here)
    }

    /// Whether the actor has `permission` in the whole subscription.
    pub fn may(&self, permission: Permission) -> bool {
        self.grants.iter().any(|grant| grant.role.grants(permission) && grant.scope == Scope::Subscription)
    }

    /// Whether the actor has `permission` in a resource group.
    pub fn may_in(&self, permission: Permission, group: &ResourceGroupName) -> bool {
        self.grants.iter().any(|grant| grant.role.grants(permission) && grant.scope.holds_group(group))
    }

    /// Whether the actor has `permission` on a machine.
    pub fn may_on(&self, permission: Permission, vm: &Vm) -> bool {
        self.may_at(permission, vm.id, &vm.resource_group)
    }

    /// [`Self::may_on`] by the machine's id and group.
    pub fn may_at(&self, permission: Permission, vm: VmId, group: &ResourceGroupName) -> bool {
        self.grants.iter().any(|grant| grant.role.grants(permission) && grant.scope.holds_vm(vm, group))
    }

    /// Whether the actor has `permission` at any place: what is worth asking for, before it is known about what.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.grants.iter().any(|grant| grant.role.grants(permission))
    }

    /// Error: `AuthorizationFailed`, naming a role that would suffice for the whole subscription.
    pub fn require(&self, permission: Permission) -> Result<(), Fault> {
        self.unless(self.may(permission), permission, "")
    }

    /// Error: `AuthorizationFailed`, naming a role that would suffice in this group.
    pub fn require_in(&self, permission: Permission, group: &ResourceGroupName) -> Result<(), Fault> {
        self.unless(self.may_in(permission, group), permission, &format!(" in the group {group}"))
    }

    /// Error: `AuthorizationFailed`, naming a role that would suffice on this machine.
    pub fn require_on(&self, permission: Permission, vm: &Vm) -> Result<(), Fault> {
        self.unless(self.may_on(permission, vm), permission, &format!(" on {}", vm.name))
    }

    /// Error: `AuthorizationFailed`, naming a role that would suffice; for what is asked before the place is known.
    pub fn require_somewhere(&self, permission: Permission) -> Result<(), Fault> {
        self.unless(self.may_somewhere(permission), permission, "")
    }

    fn unless(&self, may: bool, permission: Permission, place: &str) -> Result<(), Fault> {
        if may {
            return Ok(());
        }
        let own = match self.role() {
            Some(role) => format!("yours is {}", role.label()),
            None => "yours do not hold there".to_owned(),
        };
        Err(Fault::forbidden(format!(
            "You may not {}{place}: that takes the role {}, and {own}. An Owner of this portal can change it.",
            permission.verb_phrase(),
            permission.least_role().label(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn with(grants: Vec<Grant>) -> Actor {
        Actor { grants, ..Actor::nobody("ci") }
    }

    fn group(name: &str) -> ResourceGroupName {
        name.parse().expect("a name")
    }

    #[test]
    fn a_grant_holds_below_its_scope_and_nowhere_else() {
        let (one, two) = (VmId::new(Uuid::from_u128(1)), VmId::new(Uuid::from_u128(2)));
        let change = Permission::ChangeExtensions;
        let in_group = with(vec![Grant { role: Role::ExtensionOperator, scope: Scope::ResourceGroup(group("Lab")) }]);
        assert!(in_group.may_in(change, &group("lab")), "names of groups compare without case");
        assert!(in_group.may_at(change, one, &group("LAB")) && in_group.may_somewhere(change));
        assert!(!in_group.may(change) && !in_group.may_in(change, &group("other")));
        assert!(!in_group.may_at(Permission::ChangeMachines, one, &group("lab")));
        let on_one = with(vec![Grant { role: Role::ExtensionOperator, scope: Scope::Vm(one) }]);
        assert!(on_one.may_at(change, one, &group("lab")));
        assert!(!on_one.may_at(change, two, &group("lab")) && !on_one.may_in(change, &group("lab")));
        let everywhere = with(vec![Grant::everywhere(Role::ExtensionOperator)]);
        assert!(everywhere.may(change) && everywhere.may_in(change, &group("x")));
        assert!(everywhere.may_at(change, two, &group("x")));
    }

    #[test]
    fn refusals_name_a_role_that_would_suffice_and_the_place() {
        let reader = with(vec![Grant::everywhere(Role::Reader)]);
        let fault = reader.require_in(Permission::ManageMachines, &group("lab")).expect_err("a Reader");
        assert_eq!(fault.code, "AuthorizationFailed");
        for word in ["in the group lab", "Virtual Machine Contributor", "yours is Reader"] {
            assert!(fault.message.contains(word), "{word}: {}", fault.message);
        }
        let narrow = with(vec![Grant { role: Role::Owner, scope: Scope::ResourceGroup(group("lab")) }]);
        assert_eq!(narrow.role(), None);
        assert!(narrow.require(Permission::Read).expect_err("narrow").message.contains("do not hold there"));
    }

    #[test]
    fn the_strongest_role_at_the_subscription_is_shown() {
        let both = with(vec![
            Grant::everywhere(Role::Contributor),
            Grant::everywhere(Role::Reader),
            Grant { role: Role::Owner, scope: Scope::ResourceGroup(group("lab")) },
        ]);
        assert_eq!(both.role(), Some(Role::Contributor));
    }
}
