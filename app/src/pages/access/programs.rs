//! The service principals there are.

use domain::{
    access::{AccessView, NewSecret, ServicePrincipal},
    ids::PrincipalId,
};
use leptos::prelude::*;

use super::{
    Calls,
    program_row::ProgramRow,
    secret_shown::{SecretShown, copied},
};
use crate::{
    error::{FaultLine, action_fault},
    ui::{EmptyState, Place},
};

/// The list, with the secret that was just made on top.
#[component]
pub(super) fn Programs(
    /// What there is.
    access: AccessView,
    /// Where the rows stand.
    rows: Place,
    /// What the rows call.
    made: Calls,
    /// The secret that was made last.
    secret: RwSignal<Option<NewSecret>>,
) -> impl IntoView {
    let count = access.principals.len();
    let shown = access.clone();
    let there: Vec<PrincipalId> = access.principals.iter().map(|principal| principal.id).collect();
    let secret = move || secret.get().filter(|new| there.contains(&new.principal.id));
    let faults = [
        action_fault(made.enable.value()),
        action_fault(made.delete.value()),
        action_fault(made.add.value()),
        action_fault(made.remove.value()),
    ];
    let fault = move || faults.iter().find_map(|fault| fault.get());
    let installation = access.installation;
    let body = if access.principals.is_empty() {
        let text = "A service principal lets a script, a pipeline or the Azure CLI sign in without a person.";
        view! { <EmptyState icon="key" title="No service principals" text /> }.into_any()
    } else {
        let row = move |principal: ServicePrincipal| {
            let days_left: Vec<i64> = principal
                .secrets
                .iter()
                .map(|note| access.days_left.get(&note.id).copied().unwrap_or_default())
                .collect();
            let (id, place) = (principal.id, rows.clone());
            rows.row(id, (principal, days_left, access.refusal.clone()), move |(principal, days_left, refused)| {
                view! { <ProgramRow principal days_left refused rows=place made /> }.into_any()
            })
        };
        let rows = access.principals.into_iter().map(row).collect_view();
        view! { <ul>{rows}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="programs-title">
            <div class="card-head">
                <h2 id="programs-title">"Service principals"<span class="count">{count}</span></h2>
            </div>
            {move || fault().map(|fault| view! { <div class="px-4 pt-3"><FaultLine fault /></div> })}
            {move || secret().map(|new| view! { <SecretShown made=new access=shown.clone() /> })}
            {body}
            <dl class="card-body key-value is-wordy">
                <dt>"Address"</dt>
                <dd>
                    {match access.api_url {
                        Some(url) => copied(url, "Copy the address"),
                        None => view! { "not served over TLS (annex serve --listen-tls)" }.into_any(),
                    }}
                </dd>
                <dt>"Tenant"</dt>
                <dd>{copied(installation.tenant_id.to_string(), "Copy the tenant id")}</dd>
                <dt>"Subscription"</dt>
                <dd>{copied(installation.subscription_id.to_string(), "Copy the subscription id")}</dd>
            </dl>
        </section>
    }
    .into_any()
}
