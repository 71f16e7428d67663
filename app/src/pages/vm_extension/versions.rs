//! Other versions of the package: up or down, with what changes.

use domain::{extension::ExtensionDetail, extension_image::ExtensionImage, fault::Fault};
use leptos::prelude::*;

use super::show_as;
use crate::{
    calls::extensions::ExtensionChangeVersion,
    components::{
        call_form::{CallForm, FormCall},
        confirm::Confirm,
        show_as::ShowAs,
    },
    error::{FaultLine, UiError, action_fault},
    paths,
    ui::{Ago, StateChip, SubmitButton, SubmitKind},
};

/// Every published version, newest first.
#[component]
pub fn Versions(
    /// The extension.
    detail: ExtensionDetail,
    /// Every published version.
    versions: Result<Vec<ExtensionImage>, UiError>,
    /// Why nothing can be changed now.
    refused: Option<Fault>,
) -> impl IntoView {
    let extension = detail.summary.extension.clone();
    let offer = paths::image(&extension.publisher, &extension.extension_type, None);
    let rows = match versions {
        Ok(versions) => {
            versions.into_iter().map(|image| row(&detail, image, refused.clone())).collect_view().into_any()
        }
        Err(error) => view! { <FaultLine fault=error.0 /> }.into_any(),
    };
    view! {
        <section class="card" aria-labelledby="versions-heading">
            <div class="card-head">
                <h2 id="versions-heading">
                    "Versions" <span class="count">{detail.versions.len()}</span>
                </h2>
                <a class="link text-table" href=offer>
                    "About this extension"
                </a>
            </div>
            {rows}
        </section>
    }
}

fn row(detail: &ExtensionDetail, image: ExtensionImage, refused: Option<Fault>) -> impl IntoView + use<> {
    let extension = &detail.summary.extension;
    let here = image.version == extension.version;
    let newer = image.version > extension.version;
    let control = if here {
        view! { <StateChip state="ready" icon="check" label="installed" quiet=true /> }.into_any()
    } else if refused.is_some() {
        // the actions at the top say why
        ().into_any()
    } else {
        change(detail, &image, newer).into_any()
    };
    view! {
        <div class="list-row !items-start">
            <div class="grow grid gap-1">
                <p class="text-table">
                    <strong class="mono">{image.version.to_string()}</strong>
                    " "
                    <span class="meta">"published " <Ago at=image.published_at /></span>
                </p>
                <p class="hint whitespace-pre-line">{image.changes}</p>
            </div>
            {control}
        </div>
    }
}

fn change(detail: &ExtensionDetail, image: &ExtensionImage, newer: bool) -> impl IntoView + use<> {
    let extension = detail.summary.extension.clone();
    let asked = show_as::change_version(detail, &image.version);
    let action = FormCall::of::<ExtensionChangeVersion>();
    let fault = action_fault(action.value());
    let version = image.version.to_string();
    let id = format!("version-{}", version.replace('.', "-"));
    let (word, icon) = if newer { ("Update", "arrow-up") } else { ("Go back", "arrow-down") };
    let what = if newer {
        format!("{} is replaced by {version}. Settings stay as they are; nothing runs again.", extension.version)
    } else {
        format!(
            "{} is taken off and {version} put in its place. Settings stay as they are; nothing runs again.",
            extension.version
        )
    };
    let changes = image.changes.clone();
    let (label, question) = (format!("{word} to {version}"), format!("{word} to {version}?"));
    let (deed_id, deed_label) = (format!("{id}-now"), label.clone());
    let deed = view! {
        <CallForm action>
            <input type="hidden" name="vm" value=extension.vm_id.to_string() />
            <input type="hidden" name="name" value=extension.name.to_string() />
            <input type="hidden" name="version" value=version />
            <input type="hidden" name="etag" value=extension.generation.to_string() />
            <SubmitButton
                id=deed_id
                label=Signal::stored(deed_label)
                kind=SubmitKind::Primary
                pending=action.pending()
            />
        </CallForm>
    };
    view! {
        <Confirm
            id=id.clone()
            label
            icon
            class="btn btn-sm"
            title=question
            refused=None
            keep="Leave it"
            deed=deed.into_any()
        >
            <p class="text-muted">{what}</p>
            <p class="text-table whitespace-pre-line">
                <strong>{if newer { "What is new: " } else { "What it was: " }}</strong>
                {changes}
            </p>
            <ShowAs id=id.clone() within=id asked />
            {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
        </Confirm>
    }
}
