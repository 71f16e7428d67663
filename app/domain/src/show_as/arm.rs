//! ARM templates.

use serde_json::{Map, Value, json};

use super::{API_VERSION, Asked, Deed, LOCATION, MachineResource, NO_TEMPLATE, WantedExtension, secrets::parameters};

/// The text. Errors: a template cannot say it.
pub(super) fn text(asked: &Asked) -> Result<String, &'static str> {
    let template = match &asked.deed {
        Deed::Put(wanted) | Deed::ChangeSettings(wanted) | Deed::ChangeVersion(wanted) => {
            extension(asked, wanted, false)
        }
        Deed::RunAgain(wanted) => extension(asked, wanted, true),
        Deed::Register => machine(asked, &MachineResource::registered()),
        Deed::SetTags(resource) | Deed::AllowExtensions(resource) => machine(asked, resource),
        _ => return Err(NO_TEMPLATE),
    };
    Ok(format!("{template:#}"))
}

fn template(asked: &Asked, parameters: Map<String, Value>, resource: Value) -> Value {
    let mut template = Map::new();
    let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
    template.insert("$schema".to_owned(), Value::from(schema));
    template.insert("contentVersion".to_owned(), Value::from("1.0.0.0"));
    if let Some(note) = several_groups(asked) {
        template.insert("metadata".to_owned(), json!({ "description": note }));
    }
    if !parameters.is_empty() {
        template.insert("parameters".to_owned(), Value::Object(parameters));
    }
    template.insert("resources".to_owned(), Value::Array(vec![resource]));
    Value::Object(template)
}

/// A deployment acts on one resource group; with machines in several, which ones belong to which.
pub(super) fn several_groups(asked: &Asked) -> Option<String> {
    let groups = asked.place.groups();
    let each = |(group, names): &(&str, Vec<&str>)| format!("{group}: {}", names.join(", "));
    (groups.len() > 1).then(|| {
        let list: Vec<String> = groups.iter().map(each).collect();
        format!("Deploy it once in each resource group, with its machines. {}.", list.join("; "))
    })
}

/// The machines of the first resource group.
pub(super) fn first_group(asked: &Asked) -> Vec<&str> {
    asked.place.groups().into_iter().next().map(|(_, names)| names).unwrap_or_default()
}

fn extension(asked: &Asked, wanted: &WantedExtension, run_again: bool) -> Value {
    let names = first_group(asked);
    let mut given = Map::new();
    let mut resource = Map::new();
    let mut add = |name: &str, value: Value| resource.insert(name.to_owned(), value);
    add("type", Value::from("Microsoft.Compute/virtualMachines/extensions"));
    add("apiVersion", Value::from(API_VERSION));
    if let [name] = names.as_slice() {
        add("name", Value::from(format!("{name}/{}", wanted.name)));
    } else {
        given.insert("machines".to_owned(), json!({ "type": "array", "defaultValue": names }));
        add(
            "name",
            Value::from(format!("[format('{{0}}/{{1}}', parameters('machines')[copyIndex()], '{}')]", wanted.name)),
        );
        add("copy", json!({ "name": "machines", "count": "[length(parameters('machines'))]" }));
    }
    add("location", Value::from(LOCATION));
    let mut properties: Map<String, Value> =
        wanted.open_properties().into_iter().map(|(name, value)| (name, literal(value))).collect();
    if run_again {
        given.insert("forceUpdateTag".to_owned(), json!({ "type": "string", "defaultValue": "[utcNow()]" }));
        properties.insert("forceUpdateTag".to_owned(), Value::from("[parameters('forceUpdateTag')]"));
    }
    let mut secrets = Map::new();
    for (setting, parameter) in parameters(&wanted.protected) {
        secrets.insert(setting.to_owned(), Value::from(format!("[parameters('{parameter}')]")));
        given.insert(parameter, json!({ "type": "securestring" }));
    }
    if !secrets.is_empty() {
        properties.insert("protectedSettings".to_owned(), Value::Object(secrets));
    }
    add("properties", Value::Object(properties));
    template(asked, given, Value::Object(resource))
}

fn machine(asked: &Asked, machine: &MachineResource) -> Value {
    let mut resource = Map::new();
    let mut add = |name: &str, value: Value| resource.insert(name.to_owned(), value);
    add("type", Value::from("Microsoft.Compute/virtualMachines"));
    add("apiVersion", Value::from(API_VERSION));
    add("name", Value::from(first_group(asked).into_iter().next().unwrap_or_default()));
    for (name, value) in machine.body() {
        add(&name, literal(value));
    }
    template(asked, Map::new(), Value::Object(resource))
}

/// A value that the template engine leaves as it is: text in brackets would be an expression, two brackets are one.
fn literal(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('[') && text.ends_with(']') => Value::String(format!("[{text}")),
        Value::Array(items) => items.into_iter().map(literal).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, literal(value))).collect(),
        other => other,
    }
}
