//! One protected setting: typed in, never shown.

use domain::{extension::ProtectedSettingsNote, settings_form::FormField};
use leptos::prelude::*;

use crate::ui::{Ago, Field, Icon, describe};

/// One protected setting. `note` is there when it is set: then an empty input keeps it, and it can be cleared.
/// `long` secrets (scripts, keys) get several lines. `clear`: the box for clearing it is ticked.
#[component]
pub(super) fn SecretField(
    field: FormField,
    long: bool,
    note: Option<ProtectedSettingsNote>,
    clear: bool,
    errors: Signal<Vec<String>>,
) -> impl IntoView {
    let id = format!("secret-{}", field.name);
    let name = format!("form[protected][{}]", field.name);
    let described = describe(&id);
    let invalid = move || errors.with(|e| !e.is_empty()).then_some("true");
    let placeholder = if note.is_some() { "leave empty to keep it" } else { "" };
    let several = long
        || matches!(
            field.widget,
            domain::settings_form::Widget::Lines
                | domain::settings_form::Widget::Json
                | domain::settings_form::Widget::Code
                | domain::settings_form::Widget::TextArea
        );
    let control = if several {
        view! {
            <textarea
                class="textarea mono" id=id.clone() name=name rows="2" placeholder=placeholder spellcheck="false"
                autocomplete="off" aria-describedby=described aria-invalid=invalid
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class="input mono" type="password" id=id.clone() name=name placeholder=placeholder
                autocomplete="new-password" aria-describedby=described aria-invalid=invalid
            />
        }
        .into_any()
    };
    let present = note.map(|note| {
        view! {
            <div class="secret-field">
                <Icon name="lock" />
                <span class="who">
                    "Set by " <strong>{note.set_by}</strong> ", "<Ago at=note.set_at />
                </span>
                <label class="check pe-2">
                    <input class="checkbox" type="checkbox" name="form[clear_protected][]" value=field.name checked=clear />
                    "Clear"
                </label>
            </div>
        }
    });
    view! {
        <Field id=id label=field.title required=field.required hint=field.description errors>
            {present}
            {control}
        </Field>
    }
    .into_any()
}
