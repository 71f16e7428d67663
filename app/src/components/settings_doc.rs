//! Settings as documentation, from their schemas.

use domain::settings_form::{FormField, Widget, fields};
use leptos::prelude::*;
use serde_json::Value;

use crate::ui::Icon;

/// A table of all settings, public ones first.
#[component]
pub fn SettingsDoc(
    /// JSON Schema of the public settings.
    public_schema: Value,
    /// JSON Schema of the protected settings.
    protected_schema: Option<Value>,
) -> impl IntoView {
    let public = fields(&public_schema);
    let protected = protected_schema.as_ref().map(fields).unwrap_or_default();
    let (count, secret) = (public.len() + protected.len(), protected.len());
    let rows = public
        .into_iter()
        .map(|field| row(field, false))
        .chain(protected.into_iter().map(|field| row(field, true)))
        .collect_view();
    let summary = if secret == 0 { count.to_string() } else { format!("{count}, {secret} of them protected") };
    let body = if count == 0 {
        view! { <p class="card-body hint">"It takes no settings."</p> }.into_any()
    } else {
        view! {
            <div class="table-wrap" tabindex="0" role="region" aria-label="Settings table">
                <table role="table" class="virtual-table doc-table is-list">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader">"Name"</th>
                            <th role="columnheader">"Type"</th>
                            <th role="columnheader">"Default"</th>
                            <th role="columnheader">"Meaning"</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="settings-title">
            <div class="card-head">
                <h2 id="settings-title">"Settings"<span class="count">{summary}</span></h2>
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn row(field: FormField, secret: bool) -> impl IntoView {
    let note = match (field.required, secret) {
        (true, true) => "required, protected",
        (true, false) => "required",
        (false, true) => "protected",
        (false, false) => "",
    };
    view! {
        <tr role="row">
            <td role="cell" class="t-name">
                <code>
                    <strong>{field.name}</strong>
                </code>
                <p class="meta">{note}</p>
            </td>
            <td role="cell" class="t-state">
                <span class="row">
                    {secret.then(|| view! { <Icon name="lock" class="icon-12" /> })}
                    <code>{type_words(&field.widget)}</code>
                </span>
            </td>
            <td role="cell" class="t-meta">
                <code>{field.default.filter(|d| !d.is_empty()).unwrap_or_else(|| "none".into())}</code>
            </td>
            <td role="cell" class="t-wide">
                <strong>{field.title}</strong>
                <p class="hint">{field.description}</p>
            </td>
        </tr>
    }
}

/// What kind of value it is.
fn type_words(widget: &Widget) -> String {
    match widget {
        Widget::Text | Widget::TextArea | Widget::Code => "text".into(),
        Widget::Number { whole, min, max } => {
            let word = if *whole { "whole number" } else { "number" };
            match (min, max) {
                (Some(min), Some(max)) => format!("{min} to {max}"),
                (Some(min), None) => format!("{word}, {min} or more"),
                (None, Some(max)) => format!("{word}, {max} or less"),
                (None, None) => word.into(),
            }
        }
        Widget::Switch => "yes or no".into(),
        Widget::Choice(choices) => choices.join(" | "),
        Widget::Lines => "list of texts".into(),
        Widget::Json => "JSON".into(),
    }
}
