//! Adding a machine: somebody's own, by an enrolment token, or a lab machine on the portal's host.

mod enrol;
mod lab;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    paths,
    ui::{Crumbs, PageHead},
};

/// Adding a machine. `?mode=lab` shows the lab.
#[component]
pub fn VmNewPage() -> impl IntoView {
    let query = use_query_map();
    let lab = Memo::new(move |_| query.read().get("mode").is_some_and(|mode| mode == "lab"));
    let tab = move |is_lab: bool, label: &'static str| {
        let href = if is_lab { paths::with_query(paths::VM_NEW, &[("mode", "lab")]) } else { paths::VM_NEW.to_owned() };
        view! {
            <a href=href aria-current=move || (lab.get() == is_lab).then_some("page")>
                {label}
            </a>
        }
    };
    view! {
        <Crumbs above=vec![(paths::VMS.to_owned(), "Machines".to_owned())] here="Add" />
        <PageHead
            title="Add a machine"
            lede="Enrol a machine of yours with one command, or start a lab machine to try things out."
        />
        <nav class="tabs" aria-label="Kind of machine">
            {tab(false, "Your machine")}
            {tab(true, "Lab machine")}
        </nav>
        {move || if lab.get() { view! { <lab::Lab /> }.into_any() } else { view! { <enrol::Enrol /> }.into_any() }}
    }
}
