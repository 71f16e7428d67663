//! What stands in a form now, as "Show as" needs it.

use domain::{
    extension::ExtensionForm, settings_form::typed_value, show_as::WantedExtension, version::ExtensionVersion,
};
use leptos::{html, prelude::*};
use serde_json::{Map, Value};

/// The text of one field; `None` before the page answers, and on the server.
pub fn form_field(form: NodeRef<html::Form>, name: &str) -> Option<String> {
    let form = form.try_get_untracked().flatten()?;
    web_sys::FormData::new_with_form(&form).ok()?.get(name).as_string()
}

/// The extension that a form wants. `kept`: protected settings that are set already.
///
/// What cannot be read as its type yet (somebody is typing) stands as the text that it is.
pub fn form_wanted(
    form: &ExtensionForm,
    schema: &Value,
    version: &ExtensionVersion,
    kept: &[String],
) -> WantedExtension {
    let typed = form.protected.iter().filter(|(_, secret)| !secret.is_empty()).map(|(name, _)| name);
    let stays = kept.iter().filter(|name| !form.clear_protected.contains(name));
    let mut protected: Vec<String> = stays.chain(typed).cloned().collect();
    protected.sort();
    protected.dedup();
    WantedExtension {
        name: form.name.trim().to_owned(),
        publisher: form.publisher.clone(),
        extension_type: form.extension_type.clone(),
        version: version.clone(),
        settings: settings(form, schema),
        protected,
        order: names(form.provision_after.as_deref().unwrap_or_default()),
    }
}

/// Names in a list with commas.
pub(super) fn names(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn settings(form: &ExtensionForm, schema: &Value) -> Value {
    if !form.settings_json.trim().is_empty() {
        return serde_json::from_str(&form.settings_json).unwrap_or_default();
    }
    let given = form.settings.iter().filter(|(_, text)| !text.trim().is_empty());
    let value = |(name, text): (&String, &String)| {
        let value = typed_value(&schema["properties"][name], text);
        (name.clone(), value.unwrap_or_else(|_| Value::from(text.as_str())))
    };
    Value::Object(given.map(value).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_shown_as_it_stands() {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let form = ExtensionForm {
            name: " Mine ".into(),
            settings: pairs(&[("port", "80"), ("half", "8o"), ("empty", " ")]),
            protected: [
                ("new".to_owned(), domain::secret::Secret::new("s3cret")),
                ("left".to_owned(), Default::default()),
            ]
            .into(),
            clear_protected: vec!["gone".into()],
            provision_after: Some("A, B,".into()),
            ..ExtensionForm::default()
        };
        let schema = json!({ "properties": { "port": { "type": "integer" }, "half": { "type": "integer" } } });
        let version = "1.0".parse().expect("a version");
        let wanted = form_wanted(&form, &schema, &version, &["gone".into(), "kept".into()]);
        assert_eq!(wanted.settings, json!({ "port": 80, "half": "8o" }));
        assert_eq!((wanted.name.as_str(), wanted.order), ("Mine", vec!["A".to_owned(), "B".to_owned()]));
        assert_eq!(wanted.protected, ["kept", "new"]);
        let json = ExtensionForm { settings_json: "{\"a\":1}".into(), ..form };
        assert_eq!(form_wanted(&json, &schema, &version, &[]).settings, json!({ "a": 1 }));
    }
}
