//! Changing settings: the form, and what to do when somebody else was faster.

use domain::{
    extension::{ExtensionDetail, ExtensionForm},
    fault::FaultKind,
};
use leptos::prelude::*;

use super::{
    conflict::{Conflict, PlainConflict},
    read, show_as, use_target,
};
use crate::{
    calls::extensions::ExtensionPut,
    components::{
        call_form::{CallForm, FormCall},
        order_field::OrderField,
        settings_form::SettingsForm,
        show_as::ShowAs,
    },
    error::{FaultView, action_fault},
    paths,
    typed::typed_into,
    ui::{Crumbs, PageHead, SubmitButton, SubmitKind, loaded},
};

/// Changing settings. The page does not follow live changes: what is typed stays, and the ETag tells when it is old.
#[component]
pub fn VmExtensionSettingsPage() -> impl IntoView {
    let target = use_target();
    let page = Resource::new(move || target.get(), read);
    loaded(page, move |detail| view! { <Form detail /> }.into_any())
}

#[component]
fn Form(detail: ExtensionDetail) -> impl IntoView {
    let refused = detail.change.clone();
    let action = FormCall::of::<ExtensionPut>();
    let fault = action_fault(action.value());
    let sent = RwSignal::new(None::<ExtensionForm>);
    Effect::new(move |_| {
        // the action forgets what was sent once it has its answer
        if let Some(put) = action.sent::<ExtensionPut>() {
            sent.set(Some(put.form));
        }
    });
    let typed = typed_into::<ExtensionPut>();
    let stale = Memo::new(move |_| fault.get().is_some_and(|f| f.kind == FaultKind::Stale));
    let extension = detail.summary.extension.clone();
    let page = paths::vm_extension(extension.vm_id, &extension.name);
    let settings_page = paths::vm_extension_settings(extension.vm_id, &extension.name);
    let title = detail.summary.title.clone();
    let hidden = [
        ("form[targets][0]", extension.vm_id.to_string()),
        ("form[name]", extension.name.to_string()),
        ("form[publisher]", extension.publisher.to_string()),
        ("form[extension_type]", extension.extension_type.to_string()),
        ("form[version]", extension.version.to_string()),
        ("form[etag]", extension.generation.to_string()),
    ]
    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
    .collect_view();
    let present: Vec<String> = extension.provision_after.iter().map(ToString::to_string).collect();
    let after = typed.text("form[provision_after]", present.join(", "));
    let (vm_id, name, base) = (extension.vm_id, extension.name.clone(), extension.settings.clone());
    let form_ref = NodeRef::new();
    let asked = show_as::settings(&detail, form_ref);
    let fields_fault = Signal::derive(move || fault.get().filter(|f| f.kind == FaultKind::Invalid));
    view! {
        <Crumbs
            above=vec![
                (paths::VMS.to_owned(), "Machines".to_owned()),
                (paths::vm(vm_id), detail.vm_name.to_string()),
                (page.clone(), title.clone()),
            ]
            here="Settings"
        />
        <PageHead
            title=format!("Settings of {title}")
            lede=format!("Saving runs it again on {} with the next sequence number.", detail.vm_name)
        />
        <div class="stack !gap-4 max-w-[760px]">
            {move || {
                stale
                    .get()
                    .then(|| {
                        view! { <Conflict vm=vm_id name=name.clone() base=base.clone() sent action /> }
                    })
            }}
            {(!typed.is_empty() && stale.get_untracked())
                .then(|| view! { <PlainConflict typed detail=detail.clone() page=settings_page /> })}
            {move || {
                fault
                    .get()
                    .filter(|f| f.kind != FaultKind::Stale || sent.get().is_none())
                    .map(|fault| view! { <FaultView fault /> })
            }}
            <section class="card">
                <CallForm action node_ref=form_ref attr:class="card-body grid gap-6">
                    {hidden}
                    <SettingsForm
                        public_schema=detail.image.public_schema
                        protected_schema=detail.image.protected_schema
                        settings=extension.settings
                        protected=extension.protected
                        fault=fields_fault
                    />
                    <fieldset class="settings-part">
                        <legend>"Order"</legend>
                        <OrderField value=after fault=fields_fault />
                    </fieldset>
                    <div class="row-wrap">
                        <SubmitButton
                            id="save"
                            label=Signal::stored("Save and run".to_owned())
                            kind=SubmitKind::Primary
                            refusal=Signal::stored(refused)
                            pending=action.pending()
                        />
                        <a class="btn btn-ghost" href=page>
                            "Leave as it is"
                        </a>
                        <ShowAs id="settings" asked />
                    </div>
                </CallForm>
            </section>
        </div>
    }
}
