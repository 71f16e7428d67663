//! Roles that were given, and the form that gives one.

use domain::{
    access::{AccessView, PrincipalKind, RoleAssignment},
    actor::Role,
};
use leptos::prelude::*;

use super::{Calls, place_fields::PlaceFields, show_as};
use crate::{
    calls::access::RoleAssign,
    components::{
        call_form::{CallForm, FormCall},
        show_as::ShowAs,
    },
    error::{FaultLine, action_fault, field_messages},
    pages::account::elsewhere,
    typed::typed_into,
    ui::{Ago, EmptyState, Field, SubmitButton, SubmitKind, describe, lasting},
};

/// The assignments beside everybody's own role.
#[component]
pub(super) fn Assignments(
    /// What there is.
    access: AccessView,
    /// What the rows call.
    made: Calls,
) -> impl IntoView {
    // an account's own role stands with the account
    let given: Vec<_> = access.assignments.into_iter().filter(|given| !given.is_own_role()).collect();
    let count = given.len();
    let fault = action_fault(made.unassign.value());
    let body = if given.is_empty() {
        let text = "People have the role of their account everywhere. A role given here adds to it, or lets a program or a machine do something.";
        view! { <EmptyState icon="shield" title="No role assignments" text /> }.into_any()
    } else {
        let rows = given.into_iter().map(|given| row(given, made.unassign)).collect_view();
        view! { <ul>{rows}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="assignments-title">
            <div class="card-head">
                <h2 id="assignments-title">"Role assignments"<span class="count">{count}</span></h2>
            </div>
            {move || fault.get().map(|fault| view! { <div class="px-4 pt-3"><FaultLine fault /></div> })}
            {body}
        </section>
    }
    .into_any()
}

fn row(given: RoleAssignment, unassign: FormCall<()>) -> AnyView {
    let id = given.id;
    let asked = show_as::take(&given);
    let name = if given.principal_name.is_empty() { given.principal.to_string() } else { given.principal_name.clone() };
    view! {
        <li class="list-row row-wrap">
            <span class="grow grid gap-0.5 min-w-0">
                <strong class="text-table">{name.clone()}</strong>
                <span class="text-table">{format!("{}, {}", given.role.label(), given.scope_label())}</span>
                <span class="meta">
                    {format!("{}, given by {} ", given.kind.label(), given.created_by)} <Ago at=given.created_at />
                </span>
            </span>
            <CallForm action=unassign>
                <input type="hidden" name="id" value=id.to_string() />
                <SubmitButton
                    id=format!("unassign-{id}")
                    label=Signal::stored(format!("Take it from {name}"))
                    class="btn-sm"
                    kind=SubmitKind::Danger
                    pending=unassign.pending()
                />
            </CallForm>
            <ShowAs id=format!("unassign-{id}") asked />
        </li>
    }
    .into_any()
}

/// The form.
#[component]
pub(super) fn NewAssignment(
    /// Whom and where.
    access: AccessView,
    /// Gives it.
    assign: FormCall<RoleAssignment>,
) -> impl IntoView {
    let fault = action_fault(assign.value());
    let principal_errors = Signal::derive(move || fault.with(|f| field_messages(f.as_ref(), "principal")));
    let typed = typed_into::<RoleAssign>();
    let form_ref = NodeRef::new();
    let asked = show_as::give(form_ref, access.candidates.clone());
    let kinds = [PrincipalKind::ServicePrincipal, PrincipalKind::User, PrincipalKind::Machine]
        .map(|kind| {
            let of_kind = access.candidates.iter().filter(move |one| one.kind == kind);
            let options = of_kind
                .map(|one| {
                    let id = one.id.to_string();
                    let chosen = typed.is_chosen("principal", &id, false);
                    view! { <option {..lasting("selected", chosen)} value=id>{one.name.clone()}</option> }
                })
                .collect_view();
            view! { <optgroup label=kind.label()>{options}</optgroup> }
        })
        .collect_view();
    let roles = Role::ALL
        .into_iter()
        .map(|role| {
            let chosen = typed.is_chosen("role", role.label(), role == Role::ALL[0]);
            view! { <option value=role.label() {..lasting("selected", chosen)}>{role.label()}</option> }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="new-assignment-title">
            <div class="card-head">
                <h2 id="new-assignment-title">"Give a role"</h2>
            </div>
            <CallForm action=assign node_ref=form_ref>
                <div class="card-body grid gap-4">
                    <Field id="assign-principal" label="To" errors=principal_errors>
                        <select
                            class="select"
                            id="assign-principal"
                            name="principal"
                            required
                            aria-describedby=describe("assign-principal")
                        >
                            {kinds}
                        </select>
                    </Field>
                    <Field id="assign-role" label="Role">
                        <select class="select" id="assign-role" name="role" aria-describedby=describe("assign-role")>
                            {roles}
                        </select>
                    </Field>
                    <PlaceFields id="assign" access typed fault />
                    {elsewhere(fault, &["principal", "place", "place_name"])}
                    <div class="row-wrap">
                        <SubmitButton id="assign" label="Give the role" kind=SubmitKind::Primary pending=assign.pending() />
                        <ShowAs id="assign" asked />
                    </div>
                </div>
            </CallForm>
        </section>
    }
    .into_any()
}
