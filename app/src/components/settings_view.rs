//! Present settings, read only: by field as the schema names them, or as JSON. Secrets show only who set them and when.

use domain::{
    extension::ProtectedSettingsNote,
    settings_form::{FormField, Widget, fields, to_form},
};
use leptos::prelude::*;
use serde_json::Value;

use crate::ui::{Ago, Icon};

/// Titles of the fields of an optional schema, by property name.
pub fn field_list(schema: Option<&Value>) -> Vec<FormField> {
    schema.map(fields).unwrap_or_default()
}

/// The title of a property: the schema's, else its own name.
pub fn title_of(fields: &[FormField], name: &str) -> String {
    fields.iter().find(|f| f.name == name).map_or_else(|| name.to_owned(), |f| f.title.clone())
}

/// Public settings by field, in the schema's order; names that the schema does not know come last.
#[component]
pub fn SettingsFields(
    /// JSON Schema of the public settings.
    schema: Value,
    /// The settings.
    settings: Value,
) -> impl IntoView {
    let fields = fields(&schema);
    let mut values = to_form(&settings);
    let mut shown: Vec<(String, String, bool)> = fields
        .iter()
        .filter_map(|field| {
            let mono = matches!(field.widget, Widget::Code | Widget::Json | Widget::Lines | Widget::Text);
            values.remove(&field.name).map(|value| (field.title.clone(), value, mono))
        })
        .collect();
    shown.extend(values.into_iter().map(|(name, value)| (name, value, true)));
    if shown.is_empty() {
        return view! { <p class="hint">"No public settings are set."</p> }.into_any();
    }
    let items = shown
        .into_iter()
        .map(|(title, value, mono)| {
            let class = if mono { "mono whitespace-pre-wrap [overflow-wrap:anywhere]" } else { "whitespace-pre-wrap" };
            view! {
                <div>
                    <dt class="meta">{title}</dt>
                    <dd class=class>{value}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="grid gap-3.5 text-table">{items}</dl> }.into_any()
}

/// Public settings as JSON.
#[component]
pub fn SettingsJson(
    /// The settings.
    settings: Value,
) -> impl IntoView {
    let text = serde_json::to_string_pretty(&settings).unwrap_or_default();
    view! {
        <div class="code-block">
            <pre tabindex="0" aria-label="Public settings as JSON">
                {text}
            </pre>
        </div>
    }
}

/// Protected settings: that they are set, by whom and when.
#[component]
pub fn ProtectedNote(
    /// What is known of them; `None`: none are set.
    note: Option<ProtectedSettingsNote>,
    /// Fields of the protected schema.
    fields: Vec<FormField>,
) -> impl IntoView {
    note.map(|note| {
        let items = note
            .keys
            .iter()
            .map(|key| {
                view! {
                    <div>
                        <dt class="meta mb-1.5">{format!("Protected: {}", title_of(&fields, key))}</dt>
                        <dd class="secret-field">
                            <Icon name="lock" />
                            <span class="who">
                                <strong>{format!("Set by {}", note.set_by)}</strong>
                                " "
                                <Ago at=note.set_at />
                            </span>
                        </dd>
                    </div>
                }
            })
            .collect_view();
        view! {
            <dl class="grid gap-3.5 text-table">{items}</dl>
            <p class="field-hint">"Nobody can read it back, you included. History says only that it was set."</p>
        }
    })
}
