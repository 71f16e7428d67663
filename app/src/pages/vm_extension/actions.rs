//! What can be done with an extension: run it again, change its settings, take it off.

use domain::{
    extension::{ExtensionDetail, ExtensionState},
    fault::Fault,
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::show_as;
use crate::{
    calls::extensions::{ExtensionRemove, ExtensionRunAgain},
    components::{
        call_form::{CallForm, FormCall},
        confirm::Confirm,
        show_as::ShowAs,
    },
    error::{FaultLine, action_fault},
    paths,
    ui::{Icon, SubmitButton, SubmitKind},
};

/// The buttons of the page's head. When all are refused for the same reason, it is said once.
#[component]
pub fn Actions(
    /// The extension.
    detail: ExtensionDetail,
    /// Why nothing can be changed now.
    refused: Option<Fault>,
) -> impl IntoView {
    match refused {
        Some(fault) => refused_all(fault).into_any(),
        None => allowed(&detail).into_any(),
    }
}

fn refused_all(fault: Fault) -> impl IntoView {
    let off = |label: &'static str| {
        view! {
            <button type="button" class="btn" aria-disabled="true" aria-describedby="actions-why">
                {label}
            </button>
        }
    };
    view! {
        {["Remove…", "Change settings", "Run again"].map(off).collect_view()}
        <p class="field-hint basis-full row" id="actions-why">
            <Icon name="lock" class="icon-14" />
            <span>{fault.message}</span>
        </p>
    }
}

fn allowed(detail: &ExtensionDetail) -> impl IntoView + use<> {
    let extension = detail.summary.extension.clone();
    let settings = paths::vm_extension_settings(extension.vm_id, &extension.name);
    let update = detail.summary.update.as_ref().map(|version| {
        let id = format!("version-{}", version.to_string().replace('.', "-"));
        // the question stands with the versions; its address opens it without scripts, too
        (id, version.to_string())
    });
    // what failed is most likely to be mended by running it again; else changing comes first
    let failed = matches!(detail.summary.state, ExtensionState::Failed | ExtensionState::Degraded);
    view! {
        {remove(detail)}
        {update
            .map(|(id, version)| {
                let href = format!("?confirm={id}#{id}");
                view! {
                    <a class="btn" href=href rel="external" on:click=move |event| ask(&event, &id)>
                        <Icon name="arrow-up" class="icon-14" />
                        {format!("Update to {version}")}
                    </a>
                }
            })}
        <a class=if failed { "btn" } else { "btn btn-primary" } href=settings>
            <Icon name="edit" class="icon-14" />
            "Change settings"
        </a>
        {run_again(detail, if failed { SubmitKind::Primary } else { SubmitKind::Plain })}
        <ShowAs id="run-again" asked=show_as::run_again(detail) />
    }
}

/// Opens the question that stands elsewhere on the page; without it (not loaded yet) the link does.
fn ask(event: &leptos::ev::MouseEvent, id: &str) {
    let dialog = document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlDialogElement>().ok());
    if let Some(dialog) = dialog {
        event.prevent_default();
        dialog.close();
        let _ = dialog.show_modal();
    }
}

fn run_again(detail: &ExtensionDetail, kind: SubmitKind) -> impl IntoView + use<> {
    let action = FormCall::of::<ExtensionRunAgain>();
    let fault = action_fault(action.value());
    let extension = detail.summary.extension.clone();
    view! {
        <CallForm action>
            <input type="hidden" name="vm" value=extension.vm_id.to_string() />
            <input type="hidden" name="name" value=extension.name.to_string() />
            <input type="hidden" name="etag" value=extension.generation.to_string() />
            <SubmitButton
                id="run-again"
                label=Signal::stored("Run again".to_owned())
                icon="retry"
                kind
                pending=action.pending()
            />
        </CallForm>
        {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
    }
}

fn remove(detail: &ExtensionDetail) -> impl IntoView + use<> {
    let action = FormCall::of::<ExtensionRemove>();
    let asked = show_as::remove(detail);
    let fault = action_fault(action.value());
    let extension = detail.summary.extension.clone();
    let (title, vm) = (detail.summary.title.clone(), detail.vm_name.to_string());
    let (question, confirm) = (format!("Remove {title} from {vm}?"), format!("Remove {title}"));
    let deed = view! {
        <CallForm action>
            <input type="hidden" name="vm" value=extension.vm_id.to_string() />
            <input type="hidden" name="name" value=extension.name.to_string() />
            <SubmitButton
                id="remove-now"
                label=Signal::stored(confirm)
                kind=SubmitKind::DangerSolid
                pending=action.pending()
            />
        </CallForm>
    };
    view! {
        <Confirm
            id="remove"
            label="Remove…"
            title=question
            refused=None
            deed=deed.into_any()
        >
            <p class="text-muted">
                "The agent runs its disable and uninstall commands. Settings, secrets and revisions are forgotten; what its scripts changed on the machine stays. The activity log keeps its lines."
            </p>
            <ShowAs id="remove" within="remove" asked />
            {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
        </Confirm>
    }
}
