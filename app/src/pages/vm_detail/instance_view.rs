//! One machine as JSON.

use domain::live::Topic;
use leptos::prelude::*;

use super::{head::VmHead, no_such_machine, use_vm};
use crate::{
    calls::vms::vm_instance_view,
    live::use_live,
    paths,
    ui::{CopyButton, loaded},
};

/// One machine as JSON.
#[component]
pub fn InstanceViewPage() -> impl IntoView {
    let (id, vm) = use_vm();
    let json = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => {
                    vm_instance_view(id).await.map(|json| serde_json::to_string_pretty(&json).unwrap_or_default())
                }
                None => Err(no_such_machine()),
            }
        },
    );
    use_live(move || id.get().map(Topic::Vm).into_iter().collect(), move || json.refetch());
    view! {
        {loaded(vm, |detail| {
            let here = paths::vm_json(detail.vm.id);
            view! { <VmHead detail here /> }.into_any()
        })}
        {loaded(json, |text| {
            view! {
                <div class="code-block">
                    <header>
                        <h2 class="!text-meta !font-normal">"Instance view, as the REST interface shows it"</h2>
                        <CopyButton text=text.clone() label="Copy the JSON" />
                    </header>
                    <pre tabindex="0" aria-label="Instance view as JSON">
                        {text}
                    </pre>
                </div>
            }
            .into_any()
        })}
    }
}
