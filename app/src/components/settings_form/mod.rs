//! Settings as a form made from JSON Schema, or as JSON; secrets only inwards.
//!
//! The inputs are the browser's own: what somebody typed before the page was alive, or what the browser brought back
//! with its Back button, is never overwritten. Only switching between form and JSON makes new inputs, from the text that
//! is in the old ones. Field names are those of `domain::extension::ExtensionForm` (`form[settings][…]`), so the form
//! posts without scripts as well.

mod secret_field;
mod setting_field;
mod typed;

use std::collections::BTreeMap;

use domain::{
    extension::ProtectedSettingsNote,
    fault::Fault,
    settings_form::{fields, to_form, to_settings},
};
use leptos::{html, prelude::*};
use serde_json::Value;

use crate::{
    calls::extensions::ExtensionPut,
    error::field_messages,
    typed::typed_into,
    ui::{Field, Icon, describe, lasting, textarea_html},
};
use secret_field::SecretField;
use setting_field::SettingField;

/// Messages for a field, from the last check of the form.
fn messages(fault: Signal<Option<Fault>>, target: String) -> Signal<Vec<String>> {
    Signal::derive(move || fault.with(|f| field_messages(f.as_ref(), &target)))
}

/// All settings of a package, public and protected: put it inside a form that posts an `ExtensionForm`.
#[component]
pub fn SettingsForm(
    /// JSON Schema of the public settings.
    public_schema: Value,
    /// JSON Schema of the protected settings.
    protected_schema: Option<Value>,
    /// Present public settings.
    #[prop(optional)]
    settings: Option<Value>,
    /// What is known of present protected settings.
    #[prop(optional_no_strip)]
    protected: Option<ProtectedSettingsNote>,
    /// What the last check said; targets are `settings.<name>` and `protectedSettings.<name>`.
    #[prop(into)]
    fault: Signal<Option<Fault>>,
) -> impl IntoView {
    let typed = typed_into::<ExtensionPut>();
    let secret_fields = protected_schema.as_ref().map(fields).unwrap_or_default();
    let secret_count = secret_fields.len();
    // folded while nothing in it is wanted: most packages need none of them
    let needed = protected.is_some() || secret_fields.iter().any(|f| f.required);
    let refused = move || fault.with(|f| f.as_ref().is_some_and(|f| is_about(f, "protectedSettings")));
    let open = needed || untrack(refused);
    let fold = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        if refused()
            && let Some(fold) = fold.get()
        {
            fold.set_open(true);
        }
    });
    let secrets = secret_fields
        .into_iter()
        .map(|field| {
            let long = protected_schema
                .as_ref()
                .is_some_and(|s| s["properties"][&field.name]["maxLength"].as_u64().unwrap_or(0) > 4096);
            let errors = messages(fault, format!("protectedSettings.{}", field.name));
            let note = protected.clone().filter(|note| note.keys.contains(&field.name));
            let clear = typed.is_chosen("form[clear_protected][]", &field.name, false);
            view! { <SecretField field long note clear errors /> }
        })
        .collect_view();
    // what was typed wins over what is set
    let values = match typed.map("form[settings]") {
        fields if fields.is_empty() => to_form(&settings.unwrap_or_default()),
        fields => fields.into_iter().collect(),
    };
    view! {
        <PublicSettings schema=public_schema values fault />
        {protected_schema
            .is_some()
            .then(|| {
                view! {
                    <details class="settings-fold" {..lasting("open", open)} node_ref=fold>
                        <summary>
                            <Icon name="lock" class="icon-14" />
                            "Protected settings"
                            <span class="count">{secret_count}</span>
                            <Icon name="chevron-down" />
                        </summary>
                        <div>
                            <p class="hint">
                                "Encrypted for each machine. Nobody can read them back, not even in this portal."
                            </p>
                            <div class="grid gap-5 mt-4">{secrets}</div>
                        </div>
                    </details>
                }
            })}
    }
    .into_any()
}

/// The public part, as fields or as one JSON text.
#[component]
fn PublicSettings(schema: Value, values: BTreeMap<String, String>, fault: Signal<Option<Fault>>) -> impl IntoView {
    let root = NodeRef::<html::Fieldset>::new();
    let list = StoredValue::new(fields(&schema));
    let schema = StoredValue::new(schema);
    let values = RwSignal::new(values);
    let json = RwSignal::new(None::<String>);
    let refused = RwSignal::new(None::<Fault>);
    // switching is a matter of this page alone: the server checks whichever text arrives
    let to_json = move |_| {
        let typed: BTreeMap<String, String> = root.get_untracked().map(|root| typed::read(&root)).unwrap_or_default();
        match schema.with_value(|schema| to_settings(schema, "settings", &typed)) {
            Ok(object) => {
                refused.set(None);
                json.set(serde_json::to_string_pretty(&object).ok());
            }
            Err(found) => refused.set(Some(found)),
        }
    };
    let to_fields = move |_| {
        let text = root.get_untracked().and_then(|root| typed::json_text(&root)).unwrap_or_default();
        match if text.trim().is_empty() { Ok(Value::Null) } else { serde_json::from_str::<Value>(&text) } {
            Ok(value) => {
                refused.set(None);
                values.set(to_form(&value));
                json.set(None);
            }
            Err(error) => refused.set(Some(Fault::invalid("settings", format!("This is not JSON: {error}.")))),
        }
    };
    let shown = Signal::derive(move || refused.get().or_else(|| fault.get()));
    let is_json = Memo::new(move |_| json.with(Option::is_some));
    let body = move || {
        if is_json.get() {
            let errors =
                Signal::derive(move || shown.with(|f| f.as_ref().map(all_settings_messages).unwrap_or_default()));
            view! {
                <Field id="settings-json" label="Settings as JSON" errors>
                    <textarea
                        class="textarea mono"
                        id="settings-json"
                        name="form[settings_json]"
                        rows="14"
                        spellcheck="false"
                        autocomplete="off"
                        aria-describedby=describe("settings-json")
                        inner_html=textarea_html(&json.get_untracked().unwrap_or_default())
                    ></textarea>
                </Field>
            }
            .into_any()
        } else {
            let values = values.get();
            let fields = list.with_value(|list| {
                list.iter()
                    .map(|field| {
                        let value = values.get(&field.name).cloned();
                        let errors = messages(shown, format!("settings.{}", field.name));
                        view! { <SettingField field=field.clone() value errors /> }
                    })
                    .collect_view()
            });
            let unknown = Signal::derive(move || {
                shown.with(|f| f.as_ref().map(|f| messages_without_field(f, &list.get_value())).unwrap_or_default())
            });
            view! {
                <div class="grid gap-5">{fields}</div>
                <LooseMessages messages=unknown />
            }
            .into_any()
        }
    };
    // scripts are needed to carry text from one shape into the other: no dead switch before
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    view! {
        <fieldset class="settings-part" node_ref=root>
            <legend>"Public settings"</legend>
            <p class="hint">"Everybody who may see this extension may read them."</p>
            <div class="segmented settings-switch" role="group" aria-label="Settings as" hidden=move || !alive.get()>
                <button type="button" aria-pressed=move || (!is_json.get()).to_string() on:click=to_fields>
                    "Form"
                </button>
                <button type="button" aria-pressed=move || is_json.get().to_string() on:click=to_json>
                    "JSON"
                </button>
            </div>
            {body}
        </fieldset>
    }
    .into_any()
}

/// Is something in the fault about this section?
fn is_about(fault: &Fault, section: &str) -> bool {
    fault.target.as_deref().is_some_and(|t| t.starts_with(section))
        || fault.details.iter().any(|d| is_about(d, section))
}

/// Every message about public settings, each with the setting's name: for the JSON text.
fn all_settings_messages(fault: &Fault) -> Vec<String> {
    let own = fault.target.as_deref().filter(|t| *t == "settings" || t.starts_with("settings.")).map(|target| {
        match target.strip_prefix("settings.") {
            Some(name) => format!("{name}: {}", fault.message),
            None => fault.message.clone(),
        }
    });
    own.into_iter().chain(fault.details.iter().flat_map(all_settings_messages)).collect()
}

/// Messages about public settings that no field shows: about all of them, or about names the schema does not know.
fn messages_without_field(fault: &Fault, fields: &[domain::settings_form::FormField]) -> Vec<String> {
    let own = fault
        .target
        .as_deref()
        .filter(|target| match target.strip_prefix("settings.") {
            Some(name) => !fields.iter().any(|f| f.name == name),
            None => *target == "settings",
        })
        .map(|_| fault.message.clone());
    own.into_iter().chain(fault.details.iter().flat_map(|d| messages_without_field(d, fields))).collect()
}

#[component]
fn LooseMessages(messages: Signal<Vec<String>>) -> impl IntoView {
    view! {
        <div aria-live="polite">
            {move || {
                messages
                    .get()
                    .into_iter()
                    .map(|message| {
                        view! {
                            <p class="field-error mt-3">
                                <Icon name="warn" class="icon-14" />
                                <span>{message}</span>
                            </p>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_about_settings_is_lost() {
        let schema = serde_json::json!({"properties": {"port": {"type": "integer"}}});
        let fault = Fault::from_findings(
            "Some settings are not right.",
            vec![
                Fault::invalid("settings.port", "a"),
                Fault::invalid("settings.prot", "b"),
                Fault::invalid("settings", "c"),
                Fault::invalid("name", "d"),
            ],
        )
        .expect("findings");
        assert_eq!(messages_without_field(&fault, &fields(&schema)), ["b", "c"]);
        assert_eq!(all_settings_messages(&fault), ["port: a", "prot: b", "c"]);
    }
}
