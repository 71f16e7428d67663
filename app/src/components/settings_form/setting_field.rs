//! One public setting.

use domain::settings_form::{FormField, Widget};
use leptos::prelude::*;

use crate::ui::{Field, describe, lasting, textarea_html};

/// One public setting as the control that fits its schema. `value`: what it is set to.
#[component]
pub(super) fn SettingField(field: FormField, value: Option<String>, errors: Signal<Vec<String>>) -> impl IntoView {
    let id = format!("set-{}", field.name);
    let name = format!("form[settings][{}]", field.name);
    let described = describe(&id);
    let invalid = move || errors.with(|e| !e.is_empty()).then_some("true");
    let text = value.clone().unwrap_or_default();
    let placeholder = field.example.as_ref().map(|example| format!("for example {}", one_line(example)));
    let required = field.required.then_some("true");
    let control = match field.widget.clone() {
        Widget::Text => view! {
            <input
                class="input" id=id.clone() name=name value=text placeholder=placeholder autocomplete="off"
                aria-describedby=described aria-invalid=invalid aria-required=required
            />
        }
        .into_any(),
        Widget::Number { whole, min, max } => view! {
            <input
                class="input number-input" id=id.clone() name=name value=text autocomplete="off"
                inputmode=if whole { "numeric" } else { "decimal" } placeholder=number_range(min, max)
                aria-describedby=described aria-invalid=invalid aria-required=required
            />
        }
        .into_any(),
        Widget::Switch => {
            let choices = [("true".to_owned(), "Yes".to_owned()), ("false".to_owned(), "No".to_owned())];
            selection(&id, name, &text, &choices, described, errors)
        }
        Widget::Choice(choices) => {
            let choices: Vec<_> = choices.into_iter().map(|choice| (choice.clone(), choice)).collect();
            selection(&id, name, &text, &choices, described, errors)
        }
        widget @ (Widget::Code | Widget::TextArea | Widget::Lines | Widget::Json) => {
            let class = if widget == Widget::TextArea { "textarea" } else { "textarea mono" };
            let rows = text.lines().count().clamp(if widget == Widget::Code { 3 } else { 2 }, 16).to_string();
            let placeholder = match &widget {
                Widget::Lines => Some("one on each line".to_owned()),
                _ => placeholder,
            };
            view! {
                <textarea
                    class=class id=id.clone() name=name rows=rows placeholder=placeholder spellcheck="false"
                    autocomplete="off" aria-describedby=described aria-invalid=invalid aria-required=required
                    inner_html=textarea_html(&text)
                ></textarea>
            }
            .into_any()
        }
    };
    let hint = match (&field.default, &field.widget) {
        (Some(default), Widget::Switch) => {
            format!("{} Default: {}.", field.description, if default == "true" { "yes" } else { "no" })
        }
        (Some(default), _) if !default.is_empty() => format!("{} Default: {}.", field.description, one_line(default)),
        _ => field.description,
    };
    view! {
        <Field id=id label=field.title required=field.required hint=hint errors>
            {control}
        </Field>
    }
    .into_any()
}

fn selection(
    id: &str,
    name: String,
    value: &str,
    choices: &[(String, String)],
    described: String,
    errors: Signal<Vec<String>>,
) -> AnyView {
    let options = choices
        .iter()
        .map(|(code, label)| view! { <option value=code.clone() {..lasting("selected", code == value)}>{label.clone()}</option> })
        .collect_view();
    view! {
        <select
            class="select number-input" id=id.to_owned() name=name aria-describedby=described
            aria-invalid=move || errors.with(|e| !e.is_empty()).then_some("true")
        >
            <option value="" {..lasting("selected", value.is_empty())}>"Not set"</option>
            {options}
        </select>
    }
    .into_any()
}

fn number_range(min: Option<String>, max: Option<String>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("{min} or more")),
        (None, Some(max)) => Some(format!("{max} or less")),
        (None, None) => None,
    }
}

/// The first line, for places that hold one.
fn one_line(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
}
