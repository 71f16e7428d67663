//! Where a role holds.

use serde::{Deserialize, Serialize};

use crate::{actor::Role, ids::VmId, name::ResourceGroupName};

/// A place that a role is given at; it holds there and at everything below.
///
/// The subscription is the whole portal: there is one in each installation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Scope {
    /// Everything.
    Subscription,
    /// The machines of one group. Names of groups compare without case.
    ResourceGroup(ResourceGroupName),
    /// One machine.
    Vm(VmId),
}

impl Scope {
    /// Does something that is given here hold in `group`?
    pub fn holds_group(&self, group: &ResourceGroupName) -> bool {
        match self {
            Self::Subscription => true,
            Self::ResourceGroup(own) => own.is(group),
            Self::Vm(_) => false,
        }
    }

    /// Does something that is given here hold on the machine `vm`, which is in `group`?
    pub fn holds_vm(&self, vm: VmId, group: &ResourceGroupName) -> bool {
        match self {
            Self::Vm(own) => *own == vm,
            other => other.holds_group(group),
        }
    }

    /// The word in the database, in the spelling it was given in.
    pub fn code(&self) -> String {
        match self {
            Self::ResourceGroup(name) => format!("group:{name}"),
            other => other.key(),
        }
    }

    /// Equal for equal scopes.
    pub fn key(&self) -> String {
        match self {
            Self::Subscription => "subscription".to_owned(),
            Self::ResourceGroup(name) => format!("group:{}", name.as_str().to_lowercase()),
            Self::Vm(id) => format!("vm:{id}"),
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(key: &str) -> Option<Self> {
        match key.split_once(':') {
            None => (key == "subscription").then_some(Self::Subscription),
            Some(("group", name)) => name.parse().ok().map(Self::ResourceGroup),
            Some(("vm", id)) => id.parse().ok().map(Self::Vm),
            Some(_) => None,
        }
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Subscription, Self::Subscription) => true,
            (Self::ResourceGroup(a), Self::ResourceGroup(b)) => a.is(b),
            (Self::Vm(a), Self::Vm(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Scope {}

/// A role at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What may be done.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

impl Grant {
    /// The role in the whole subscription.
    pub const fn everywhere(role: Role) -> Self {
        Self { role, scope: Scope::Subscription }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn keys_are_equal_for_equal_scopes_and_read_back() {
        let group = |name: &str| Scope::ResourceGroup(name.parse().expect("a name"));
        let vm = Scope::Vm(VmId::new(Uuid::from_u128(7)));
        for scope in [Scope::Subscription, group("Lab"), vm.clone()] {
            assert_eq!(Scope::parse(&scope.code()).map(|read| read.code()), Some(scope.code()));
            assert_eq!(Scope::parse(&scope.key()), Some(scope));
        }
        assert_eq!(group("Lab").key(), group("LAB").key());
        assert_ne!(group("lab"), vm);
        for bad in ["", "group:", "vm:x", "planet:earth"] {
            assert_eq!(Scope::parse(bad), None, "{bad}");
        }
    }
}
