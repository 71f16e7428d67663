//! The rail beside the form: what is installed where, and the button.

use domain::{extension_image::ExtensionImage, fault::Fault};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::FormState;
use crate::{
    components::{
        impact::impact_chips,
        show_as::{ShowAs, WhatIsAsked},
        states::category_icon,
    },
    error::FaultLine,
    paths,
    ui::{Icon, SubmitButton, SubmitKind, count_of, still},
};

/// What is about to happen, the other versions, and Install.
#[component]
pub(super) fn Summary(
    image: ExtensionImage,
    versions: Vec<ExtensionImage>,
    state: FormState,
    #[prop(into)] pending: Signal<bool>,
    refused: Signal<Option<Fault>>,
    forbidden: Option<Fault>,
    asked: WhatIsAsked,
) -> impl IntoView {
    let chosen = Memo::new(move |_| state.chosen.with(Vec::len));
    let label = Signal::derive(move || match (state.alive.get(), chosen.get()) {
        (true, n @ 1..) => format!("Install on {}", count_of(n as u64, "machine", "machines")),
        _ => "Install".to_owned(),
    });
    let sentence = move || match (state.alive.get(), chosen.get()) {
        (false, _) => "Installs on the machines you choose.".to_owned(),
        (true, 0) => "No machine is chosen yet.".to_owned(),
        (true, n) => format!("Installs on {}, all at once.", count_of(n as u64, "machine", "machines")),
    };
    // without scripts the server refuses an empty choice; before hydration the button must work
    let refusal = Signal::derive(move || {
        let none = state.alive.get() && chosen.get() == 0;
        forbidden.clone().or_else(|| none.then(|| Fault::invalid("targets", "Choose at least one machine.")))
    });
    // what no field shows
    let general =
        move || refused.get().filter(|fault| fault.target.is_none()).map(|fault| view! { <FaultLine fault /> });
    let wrong = move || {
        let count = state.shown.with(|f| f.as_ref().map_or(0, count_findings));
        (count > 0).then(|| {
            view! {
                <p class="field-error">
                    <Icon name="warn" class="icon-14" />
                    <span>{format!("{} to correct in the form", count_of(count as u64, "message", "messages"))}</span>
                </p>
            }
        })
    };
    view! {
        <aside class="stack sticky-side" aria-label="Summary">
            <section class="card install-summary" aria-labelledby="summary-title">
                <div class="card-body grid gap-4">
                    <div class="flex gap-3">
                        <span class="ext-glyph">
                            <Icon name=category_icon(&image.category) class="icon-20" />
                        </span>
                        <div class="min-w-0">
                            <h2 id="summary-title">
                                {image.title.clone()} " " <span class="mono font-normal">{image.version.to_string()}</span>
                            </h2>
                            <p class="meta">{image.publisher.to_string()}</p>
                        </div>
                    </div>
                    <p class="text-lead font-medium" aria-live="polite">{sentence}</p>
                    {still(impact_chips(&image.impact))}
                    <div class="grid gap-2 install-actions">
                        <SubmitButton
                            id="install-button"
                            label
                            kind=SubmitKind::Primary
                            class="btn-lg w-full"
                            refusal
                            pending
                        />
                        {general}
                        {wrong}
                    </div>
                    <div class="row-wrap">
                        <ShowAs id="install" asked />
                    </div>
                </div>
                <OtherVersions image versions />
            </section>
        </aside>
    }
    .into_any()
}

fn count_findings(fault: &Fault) -> usize {
    if fault.details.is_empty() {
        usize::from(fault.target.is_some())
    } else {
        fault.details.iter().map(count_findings).sum()
    }
}

/// Links to the same form for other versions; the chosen machines are kept.
#[component]
fn OtherVersions(image: ExtensionImage, versions: Vec<ExtensionImage>) -> impl IntoView {
    let query = use_query_map();
    let others: Vec<_> = versions.into_iter().map(|v| v.version).filter(|v| *v != image.version).take(8).collect();
    (!others.is_empty()).then(|| {
        let targets = query.with_untracked(|q| q.get("targets").unwrap_or_default());
        let links = others
            .into_iter()
            .map(|version| {
                let path = paths::install(&image.publisher, &image.extension_type, Some(&version), &[]);
                view! {
                    <a class="link mono" href=paths::with_query(&path, &[("targets", &targets)])>
                        {version.to_string()}
                    </a>
                }
            })
            .collect_view();
        view! {
            <p class="card-foot text-table">
                <span class="text-subtle">"Other versions"</span>
                {links}
            </p>
        }
    })
}
