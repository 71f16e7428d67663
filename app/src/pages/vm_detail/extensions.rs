//! The extensions of one machine.

use leptos::prelude::*;

use super::{head::VmHead, overview::NoExtensions, use_vm};
use crate::{
    components::{extension_table::ExtensionTable, rights::loaded_with_rights},
    paths,
};

/// The extensions of one machine.
#[component]
pub fn ExtensionsPage() -> impl IntoView {
    let (_, vm) = use_vm();
    loaded_with_rights(vm, |detail, rights| {
        let here = paths::vm_extensions(detail.vm.id);
        let body = if detail.extensions.is_empty() {
            view! { <NoExtensions /> }.into_any()
        } else {
            view! { <ExtensionTable vm=detail.vm.id extensions=detail.extensions.clone() /> }.into_any()
        };
        view! {
            <VmHead detail rights here />
            <section class="card" aria-label="Extensions">
                {body}
            </section>
        }
        .into_any()
    })
}
