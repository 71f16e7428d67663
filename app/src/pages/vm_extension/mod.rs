//! One extension on one machine.
//!
//! ```text
//!  /vms/:id/extensions/:name            state, what to do, last run with its output, settings, runs, revisions, versions
//!  /vms/:id/extensions/:name/settings   the form; its ETag is the generation that the page was filled from
//! ```

mod actions;
mod conflict;
mod health;
mod last_run;
mod revisions;
mod runs;
mod settings_card;
mod settings_page;
mod show_as;
mod versions;

pub use settings_page::VmExtensionSettingsPage;

use domain::{
    extension::ExtensionDetail, extension_image::ExtensionImage, fault::Fault, ids::VmId, live::Topic,
    name::ExtensionName, operation::OperationKind,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    calls::{extensions::extension_get, images::image_get},
    components::{
        cause_cluster::CauseClusters,
        head::StateHead,
        part::part,
        states::{ExtensionChip, category_icon},
    },
    error::UiError,
    live::use_live,
    paths,
    ui::{Crumbs, Icon, loaded, ready, waiting},
};

/// Machine and name in the address; `None` when they cannot be right.
fn use_target() -> Memo<Option<(VmId, ExtensionName)>> {
    let params = use_params_map();
    Memo::new(move |_| {
        let params = params.read();
        Some((params.get("id")?.parse().ok()?, params.get("name")?.parse().ok()?))
    })
}

async fn read(target: Option<(VmId, ExtensionName)>) -> Result<ExtensionDetail, UiError> {
    match target {
        Some((vm, name)) => extension_get(vm, name).await,
        None => Err(UiError(Fault::not_found("There is no extension at this address."))),
    }
}

/// One extension on one machine.
#[component]
pub fn VmExtensionPage() -> impl IntoView {
    let target = use_target();
    let detail = Resource::new(move || target.get(), read);
    use_live(move || target.get().map(|(vm, _)| Topic::Vm(vm)).into_iter().collect(), move || detail.refetch());
    let versions = Resource::new(
        move || target.get(),
        move |_| async move {
            // the page says what is wrong with the extension itself
            let Ok(detail) = detail.await else { return Ok::<_, UiError>(Vec::new()) };
            let extension = detail.summary.extension;
            image_get(extension.publisher, extension.extension_type, None).await.map(|image| image.versions)
        },
    );
    view! {
        <div class="stack !gap-4">
            {loaded(detail, |detail| view! { <Top detail /> }.into_any())}
            <div class="grid lg:grid-cols-[minmax(0,1fr)_400px] gap-4 items-start">
                <last_run::LastOutput detail target />
                {part(detail, |detail| view! { <settings_card::SettingsCard detail /> }.into_any())}
            </div>
            {waiting(
                false,
                move || {
                    Box::pin(async move {
                        let versions = versions.await;
                        let detail = detail.await.ok();
                        ready(move || detail.map(|detail| history(detail, versions)).into_any())
                    })
                },
            )}
        </div>
    }
}

/// What was, and what else there is: runs, revisions, versions.
fn history(detail: ExtensionDetail, versions: Result<Vec<ExtensionImage>, UiError>) -> AnyView {
    let refused = detail.change.clone();
    view! {
        <runs::Runs runs=detail.runs.clone() now=detail.now />
        <revisions::Revisions detail=detail.clone() refused=refused.clone() />
        <versions::Versions detail versions refused />
    }
    .into_any()
}

#[component]
fn Top(detail: ExtensionDetail) -> impl IntoView {
    let refused = detail.change.clone();
    let extension = detail.summary.extension.clone();
    let vm = (paths::vm(extension.vm_id), detail.vm_name.to_string());
    let named = (extension.name.as_str() != extension.extension_type.as_str()).then(|| extension.name.to_string());
    let facts = view! {
        <span>
            "on " <a class="quiet-link" href=vm.0.clone()>
                {vm.1.clone()}
            </a>
        </span>
        {named.map(|name| view! { <span>"named " {name}</span> })}
        <span>{extension.handler_name()}</span>
        <span class="mono">{extension.version.to_string()}</span>
        <span>{format!("sequence {}", extension.sequence_number)}</span>
    };
    let newest_failed = detail.runs.first().filter(|run| run.target.state.is_bad()).cloned();
    let operation_of_failure = newest_failed.as_ref().map(|run| run.operation.id);
    let href = Callback::new(move |_| operation_of_failure.map(paths::operation).unwrap_or_default());
    let newest = detail.runs.first().cloned();
    let now = detail.now;
    let under_way = detail.clone();
    let trouble = detail.clone();
    view! {
        <div>
            <Crumbs above=vec![(paths::VMS.to_owned(), "Machines".to_owned()), vm] here=detail.summary.title.clone() />
            <StateHead
                title=detail.summary.title.clone()
                chips=view! { <ExtensionChip state=detail.summary.state large=true /> }.into_any()
                facts=facts.into_any()
                glyph=Some(category_icon(&detail.image.category))
            >
                <actions::Actions detail refused />
            </StateHead>
        </div>
        <UnderWay detail=under_way />
        {match newest_failed {
            Some(run) => view! { <CauseClusters targets=vec![run] href /> }.into_any(),
            None => view! { <health::Trouble detail=trouble /> }.into_any(),
        }}
        <last_run::LastRun run=newest now />
    }
}

/// A change that has not ended.
#[component]
fn UnderWay(detail: ExtensionDetail) -> impl IntoView {
    let run = detail.runs.first().filter(|run| run.target.state.is_open()).cloned();
    let kind = run.as_ref().map(|run| run.target.kind);
    detail.summary.open_operation.map(|operation| {
        let title = match kind {
            Some(OperationKind::Remove) => "It is being removed",
            _ => "A change is under way",
        };
        let message = run.map(|run| run.target.message).filter(|m| !m.is_empty()).unwrap_or(detail.summary.message);
        view! {
            <div class="banner" data-state="running">
                <Icon name="arc" class="spin" />
                <div class="grow">
                    <strong>{title}</strong>
                    {message}
                </div>
                <a class="btn btn-sm" href=paths::operation(operation)>
                    "Watch it"
                </a>
            </div>
        }
    })
}
