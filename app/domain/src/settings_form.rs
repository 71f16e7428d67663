//! Forms from JSON Schema, and settings from forms.
//!
//! A package describes its settings with a JSON Schema object; each property becomes one field. What a person typed
//! becomes JSON by the property's type. Whether the JSON is *right* is asked of the full schema on the server
//! (`control::settings`); here only what the text itself makes impossible is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::Fault;

/// How a field is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Widget {
    /// One line.
    Text,
    /// Several lines in a fixed-width face (`x-annex-widget: code`).
    Code,
    /// Several lines (`x-annex-widget: textarea`).
    TextArea,
    /// A whole or decimal number with its limits, as text for the browser's own checks.
    Number {
        /// Only whole numbers.
        whole: bool,
        /// Lowest value.
        min: Option<String>,
        /// Highest value.
        max: Option<String>,
    },
    /// Yes, no, or not set.
    Switch,
    /// One of these.
    Choice(Vec<String>),
    /// A list of texts, one a line.
    Lines,
    /// Anything else: JSON text.
    Json,
}

/// One field of a settings form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    /// Property name; also its `target` in faults, after `settings.` or `protectedSettings.`.
    pub name: String,
    /// Label.
    pub title: String,
    /// Sentence below the label.
    pub description: String,
    /// How it is shown.
    pub widget: Widget,
    /// Must be given.
    pub required: bool,
    /// Value used when it is not given, as text.
    pub default: Option<String>,
    /// An example, as text.
    pub example: Option<String>,
}

/// The fields of an object schema, required ones first, otherwise in the schema's order.
pub fn fields(schema: &Value) -> Vec<FormField> {
    let required: Vec<&str> =
        schema["required"].as_array().map(|a| a.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let mut fields: Vec<FormField> =
        properties.iter().map(|(name, property)| field(name, property, required.contains(&name.as_str()))).collect();
    fields.sort_by_key(|field| !field.required);
    fields
}

fn field(name: &str, property: &Value, required: bool) -> FormField {
    FormField {
        name: name.to_owned(),
        title: property["title"].as_str().unwrap_or(name).to_owned(),
        description: property["description"].as_str().unwrap_or_default().to_owned(),
        widget: widget(property),
        required,
        default: property.get("default").map(as_text),
        example: property["examples"].as_array().and_then(|e| e.first()).map(as_text),
    }
}

fn widget(property: &Value) -> Widget {
    let limit = |key: &str| property.get(key).filter(|v| v.is_number()).map(Value::to_string);
    if let Some(choices) = property["enum"].as_array() {
        return Widget::Choice(choices.iter().map(as_text).collect());
    }
    match (property["type"].as_str(), property["x-annex-widget"].as_str()) {
        (Some("string"), Some("code")) => Widget::Code,
        (Some("string"), Some("textarea")) => Widget::TextArea,
        (Some("string"), _) => Widget::Text,
        (Some("integer"), _) => Widget::Number { whole: true, min: limit("minimum"), max: limit("maximum") },
        (Some("number"), _) => Widget::Number { whole: false, min: limit("minimum"), max: limit("maximum") },
        (Some("boolean"), _) => Widget::Switch,
        (Some("array"), _) if property["items"]["type"] == "string" => Widget::Lines,
        _ => Widget::Json,
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// What each field shows for present settings; fields that are not set are absent.
pub fn to_form(settings: &Value) -> BTreeMap<String, String> {
    settings.as_object().map(|o| o.iter().map(|(k, v)| (k.clone(), as_text(v))).collect()).unwrap_or_default()
}

/// Settings from typed text. Empty text leaves a setting out; names that the schema does not know are kept as text, so
/// that the schema check can refuse them by name.
///
/// Errors: one finding for each text that cannot be its type, with target `<section>.<name>`.
pub fn to_settings(
    schema: &Value,
    section: &str,
    typed: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, Fault> {
    let mut settings = Map::new();
    let mut findings = Vec::new();
    for (name, text) in typed {
        if text.trim().is_empty() {
            continue;
        }
        match typed_value(&schema["properties"][name], text) {
            Ok(value) => {
                settings.insert(name.clone(), value);
            }
            Err(message) => findings.push(Fault::invalid(format!("{section}.{name}"), message)),
        }
    }
    match Fault::from_findings("Some settings are not right.", findings) {
        Some(fault) => Err(fault),
        None => Ok(settings),
    }
}

/// One typed text as the JSON value its property asks for. Error: the sentence to show below the field.
pub fn typed_value(property: &Value, text: &str) -> Result<Value, String> {
    // browsers send line ends as CR LF; scripts want LF
    let text = &text.replace("\r\n", "\n");
    Ok(match widget(property) {
        Widget::Number { whole: true, .. } => {
            Value::from(text.trim().parse::<i64>().map_err(|_| "Write a whole number.".to_owned())?)
        }
        Widget::Number { whole: false, .. } => {
            let number = text.trim().parse::<f64>().ok().and_then(serde_json::Number::from_f64);
            Value::Number(number.ok_or_else(|| "Write a number.".to_owned())?)
        }
        Widget::Switch => match text.trim() {
            "true" | "on" | "yes" => Value::Bool(true),
            "false" | "off" | "no" => Value::Bool(false),
            _ => return Err("Choose yes or no.".to_owned()),
        },
        Widget::Lines => text.lines().map(str::trim).filter(|l| !l.is_empty()).map(Value::from).collect(),
        Widget::Choice(_) if property["type"] != "string" && property.get("type").is_some() => {
            serde_json::from_str(text).map_err(|_| "Choose one of the values.".to_owned())?
        }
        Widget::Json if property.get("type").is_some() => {
            serde_json::from_str(text).map_err(|e| format!("This is not JSON: {e}."))?
        }
        _ => Value::from(text.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn typed_text_becomes_its_type_and_back() {
        let schema = json!({"properties": {
            "n": {"type": "integer"}, "on": {"type": "boolean"}, "uris": {"type": "array", "items": {"type": "string"}},
            "text": {"type": "string"}, "map": {"type": "object"},
        }});
        let typed: BTreeMap<String, String> =
            [("n", "7"), ("on", "true"), ("uris", "a\r\n\r\nb"), ("text", "1"), ("map", "{\"a\":1}"), ("gone", " ")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into();
        let settings = Value::Object(to_settings(&schema, "settings", &typed).expect("all fit"));
        assert_eq!(settings, json!({"n": 7, "on": true, "uris": ["a", "b"], "text": "1", "map": {"a": 1}}));
        assert_eq!(to_form(&settings)["uris"], "a\nb");
        let bad = [("n".to_owned(), "seven".to_owned())].into();
        let fault = to_settings(&schema, "settings", &bad).expect_err("not a number");
        assert_eq!(fault.messages_for("settings.n"), ["Write a whole number."]);
    }
}
