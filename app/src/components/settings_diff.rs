//! What differs between two states of settings, field by field. Secrets are compared by name only.

use std::collections::BTreeSet;

use domain::settings_form::{FormField, to_form};
use leptos::prelude::*;
use serde_json::Value;

use super::settings_view::title_of;

/// One field that differs: property name, text before, text after (`None`: not set).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Property name.
    pub name: String,
    /// Before.
    pub was: Option<String>,
    /// After.
    pub is: Option<String>,
}

/// Fields that differ, by name.
pub fn changes(was: &Value, is: &Value) -> Vec<Change> {
    let (mut before, mut after) = (to_form(was), to_form(is));
    let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    names
        .into_iter()
        .filter_map(|name| {
            let (was, is) = (before.remove(&name), after.remove(&name));
            (was != is).then_some(Change { name, was, is })
        })
        .collect()
}

/// The changes in a few words: the titles of the fields, or what stands in their place.
pub fn changes_words(changes: &[Change], fields: &[FormField]) -> String {
    changes.iter().map(|c| title_of(fields, &c.name)).collect::<Vec<_>>().join(", ")
}

/// The changes as a table.
#[component]
pub fn DiffTable(
    /// What differs.
    changes: Vec<Change>,
    /// Fields of the schema, for titles.
    fields: Vec<FormField>,
    /// Heading of the left side.
    #[prop(into)]
    was: String,
    /// Heading of the right side.
    #[prop(into)]
    is: String,
) -> impl IntoView {
    let value = |text: Option<String>, class: &'static str| match text {
        Some(text) => {
            view! { <code class=format!("{class} whitespace-pre-wrap [overflow-wrap:anywhere]")>{text}</code> }
                .into_any()
        }
        None => view! { <span class="text-subtle">"not set"</span> }.into_any(),
    };
    let rows = changes
        .into_iter()
        .map(|change| {
            view! {
                <tr role="row">
                    <td role="cell" class="wrap">
                        {title_of(&fields, &change.name)}
                    </td>
                    <td role="cell" class="wrap">
                        {value(change.was, "was")}
                    </td>
                    <td role="cell" class="wrap">
                        {value(change.is, "now")}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap !rounded-lg border border-border" tabindex="0" role="region" aria-label="Changed fields">
            <table role="table" class="virtual-table diff-fields">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">
                            "Field"
                        </th>
                        <th role="columnheader" scope="col">
                            {was}
                        </th>
                        <th role="columnheader" scope="col">
                            {is}
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_listed() {
        let found = changes(&json!({"a": 1, "b": "x", "c": true}), &json!({"a": 1, "b": "y", "d": ["p", "q"]}));
        let names: Vec<&str> = found.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["b", "c", "d"]);
        assert_eq!(found[2].is.as_deref(), Some("p\nq"));
    }
}
