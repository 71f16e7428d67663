//! One machine as JSON.

use domain::live::Topic;
use leptos::prelude::*;

use super::{head::VmHead, use_vm};
use crate::{
    calls::vms::vm_instance_view,
    components::rights::loaded_with_rights,
    error::UiError,
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
        move |id| async move {
            // the head says what is wrong with the machine itself
            let (Some(id), Ok(_)) = (id, vm.await) else { return Ok(None) };
            let json = vm_instance_view(id).await?;
            Ok::<_, UiError>(Some(serde_json::to_string_pretty(&json).unwrap_or_default()))
        },
    );
    use_live(move || id.get().map(Topic::Vm).into_iter().collect(), move || json.refetch());
    view! {
        {loaded_with_rights(vm, |detail, rights| {
            let here = paths::vm_json(detail.vm.id);
            view! { <VmHead detail rights here /> }.into_any()
        })}
        {loaded(json, |text| text.map(shown).into_any())}
    }
}

fn shown(text: String) -> impl IntoView {
    view! {
        <div class="code-block">
            <header>
                <h2 class="!text-meta !font-normal">"Instance view: what GET …/virtualMachines/{name}/instanceView answers"</h2>
                <CopyButton text=text.clone() label="Copy the JSON" />
            </header>
            <pre tabindex="0" aria-label="Instance view as JSON">
                {text}
            </pre>
        </div>
    }
}
