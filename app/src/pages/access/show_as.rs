//! What the forms of this page do, as "Show as" needs it.

use domain::{
    access::{Candidate, PrincipalKind, RoleAssignment},
    actor::Role,
    scope::Scope,
    show_as::{Deed, MachinePlace, RolePlace, RoleToGive, RoleToTake},
};
use leptos::{html, prelude::*};

use crate::components::show_as::{WhatIsAsked, form_field};

/// Why a service principal is made here.
pub(super) const PROGRAM_ONLY_HERE: &str = "Service principals are made and given secrets only here: a secret leaves the portal once, to this page. The API reads them, and gives them roles.";
/// Why an account is made here.
pub(super) const ACCOUNT_ONLY_HERE: &str =
    "Accounts of people, and their own roles, are managed only here. The API gives and takes further roles.";

/// Gives the role that stands in the form.
pub(super) fn give(form: NodeRef<html::Form>, candidates: Vec<Candidate>) -> WhatIsAsked {
    let candidates = StoredValue::new(candidates);
    Callback::new(move |()| {
        let field = |name| form_field(form, name).unwrap_or_default();
        let (principal, role, place) = (field("principal"), field("role"), field("place"));
        let name = field("place_name").trim().to_owned();
        let role = Role::ALL.into_iter().find(|one| one.label() == role).unwrap_or(Role::ALL[0]);
        candidates.with_value(|candidates| {
            let chosen = candidates.iter().find(|one| one.id.to_string() == principal).or(candidates.first());
            let is_named =
                |one: &&Candidate| one.kind == PrincipalKind::Machine && one.name.eq_ignore_ascii_case(&name);
            let place = match place.as_str() {
                "group" if name.is_empty() => RolePlace::Group("<group>".to_owned()),
                "group" => RolePlace::Group(name.clone()),
                "machine" => RolePlace::Machine(match candidates.iter().find(is_named) {
                    Some(one) => MachinePlace::new(one.group.as_ref().map_or("<group>", |g| g.as_str()), &one.name),
                    None if name.is_empty() => MachinePlace::unknown(),
                    None => MachinePlace::new("<group>", &name),
                }),
                _ => RolePlace::Subscription,
            };
            let given = RoleToGive {
                principal: chosen.map_or_else(|| "<object-id>".to_owned(), |one| one.id.to_string()),
                kind: chosen.map_or(PrincipalKind::ServicePrincipal, |one| one.kind),
                role,
                place,
            };
            (Vec::new(), Deed::GiveRole(given))
        })
    })
}

/// Takes a role away.
pub(super) fn take(given: &RoleAssignment) -> WhatIsAsked {
    let place = match (&given.scope, &given.scope_vm) {
        (Scope::Subscription, _) => RolePlace::Subscription,
        (Scope::ResourceGroup(group), _) => RolePlace::Group(group.to_string()),
        (Scope::Vm(_), Some((group, name))) => RolePlace::Machine(MachinePlace::new(group, name)),
        (Scope::Vm(_), None) => RolePlace::Machine(MachinePlace::unknown()),
    };
    let deed = Deed::TakeRole(RoleToTake { id: given.id.to_string(), place });
    Callback::new(move |()| (Vec::new(), deed.clone()))
}
