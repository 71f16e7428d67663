//! Present settings, and what the extension last reported, beside the output.

use domain::extension::ExtensionDetail;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    components::settings_view::{ProtectedNote, SettingsFields, SettingsJson, field_list},
    paths,
    ui::{Ago, StateChip},
};

/// Settings by field or as JSON (`?settings=json`).
#[component]
pub fn SettingsCard(
    /// The extension.
    detail: ExtensionDetail,
) -> impl IntoView {
    let query = use_query_map();
    let as_json = Memo::new(move |_| query.read().get("settings").is_some_and(|s| s == "json"));
    let extension = detail.summary.extension.clone();
    let page = paths::vm_extension(extension.vm_id, &extension.name);
    let json_page = paths::with_query(&page, &[("settings", "json")]);
    let (schema, settings) = (detail.image.public_schema.clone(), extension.settings.clone());
    let protected_fields = field_list(detail.image.protected_schema.as_ref());
    view! {
        <div class="stack !gap-4">
            <section class="card" aria-labelledby="settings-heading">
                <div class="card-head">
                    <h2 id="settings-heading">"Settings"</h2>
                    <nav class="segmented" aria-label="Show settings as">
                        <a href=page data-noscroll="true" aria-current=move || (!as_json.get()).then_some("true")>
                            "Form"
                        </a>
                        <a href=json_page data-noscroll="true" aria-current=move || as_json.get().then_some("true")>
                            "JSON"
                        </a>
                    </nav>
                </div>
                <div class="card-body grid gap-4">
                    {move || {
                        let settings = settings.clone();
                        if as_json.get() {
                            view! { <SettingsJson settings /> }.into_any()
                        } else {
                            view! { <SettingsFields schema=schema.clone() settings /> }.into_any()
                        }
                    }} <ProtectedNote note=extension.protected.clone() fields=protected_fields />
                </div>
            </section>
            <Report detail />
        </div>
    }
}

/// What the machine last said about it, part by part.
#[component]
fn Report(detail: ExtensionDetail) -> impl IntoView {
    use domain::status::StatusWord;
    let report = detail.summary.extension.report?;
    let parts = report.result.as_ref().map(|r| r.substatuses.clone()).unwrap_or_default();
    let message = report.result.as_ref().map(|r| r.message.clone()).filter(|m| !m.trim().is_empty());
    // streams have a place of their own
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|p| !p.name.eq_ignore_ascii_case("stdout") && !p.name.eq_ignore_ascii_case("stderr"))
        .collect();
    Some(view! {
        <section class="card" aria-labelledby="report-heading">
            <div class="card-head">
                <h2 id="report-heading">"Last report"</h2>
                <span class="meta">
                    <Ago at=report.received_at />
                </span>
            </div>
            <div class="card-body">
                <dl class="key-value">
                    <dt>"Handler"</dt>
                    <dd>{report.state}{report.version.map(|v| format!(", {v}"))}</dd>
                    {message
                        .map(|message| {
                            view! {
                                <dt>"Message"</dt>
                                <dd class="whitespace-pre-wrap">{message}</dd>
                            }
                        })}
                    {parts
                        .into_iter()
                        .map(|part| {
                            let (state, icon) = match part.status {
                                StatusWord::Success => ("ready", "check"),
                                StatusWord::Transitioning => ("running", "arc"),
                                StatusWord::Warning => ("degraded", "bang"),
                                StatusWord::Error => ("failed", "cross"),
                            };
                            view! {
                                <dt>{part.name}</dt>
                                <dd>
                                    <StateChip state icon label=part.status.code() quiet=part.status == StatusWord::Success />
                                    <span class="block whitespace-pre-wrap">{part.message}</span>
                                </dd>
                            }
                        })
                        .collect_view()}
                </dl>
            </div>
        </section>
    })
}
