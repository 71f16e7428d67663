//! What each role may do.

use domain::actor::Role;
use leptos::prelude::*;

/// All roles, weakest first.
#[component]
pub(super) fn Roles() -> impl IntoView {
    let rows = Role::ALL
        .into_iter()
        .map(|role| {
            view! {
                <dt>{role.label()}</dt>
                <dd>{role.meaning()}</dd>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="roles-title">
            <div class="card-head">
                <h2 id="roles-title">"Roles"</h2>
            </div>
            <dl class="card-body key-value is-wordy">{rows}</dl>
        </section>
    }
    .into_any()
}
