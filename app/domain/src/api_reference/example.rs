//! An example of what a JSON Schema describes.

use serde_json::{Map, Value};

use super::read::resolved;

/// Schemas that hold themselves end here.
const DEEPEST: usize = 6;

/// The schema's own example where it has one; else the plainest value of its type.
pub(super) fn example(document: &Value, schema: &Value) -> Value {
    at_depth(document, schema, 0)
}

fn at_depth(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    let given = schema
        .get("example")
        .or_else(|| schema["examples"].get(0))
        .or_else(|| schema.get("const"))
        .or_else(|| schema.get("default"))
        .or_else(|| schema["enum"].get(0));
    if let Some(value) = given {
        return value.clone();
    }
    if depth >= DEEPEST {
        return Value::Null;
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| at_depth(document, part, depth + 1));
        let members = parts.filter_map(|part| match part {
            Value::Object(members) => Some(members),
            _ => None,
        });
        return Value::Object(members.flatten().collect());
    }
    let choices = ["oneOf", "anyOf"].iter().filter_map(|word| schema[*word].as_array()).flatten();
    if let Some(choice) = choices.into_iter().find(|choice| choice["type"] != "null") {
        return at_depth(document, choice, depth + 1);
    }
    match type_of(schema) {
        "object" => {
            let members = schema["properties"].as_object().into_iter().flatten();
            let members = members.map(|(name, member)| (name.clone(), at_depth(document, member, depth + 1)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        "array" if schema.get("items").is_some() && depth + 1 < DEEPEST => {
            Value::Array(vec![at_depth(document, &schema["items"], depth + 1)])
        }
        "array" => Value::Array(Vec::new()),
        "integer" | "number" => Value::from(0),
        "boolean" => Value::Bool(true),
        "string" => Value::from(schema["format"].as_str().unwrap_or("text")),
        _ => Value::Null,
    }
}

/// The type, of several the first that is not `null`; what has properties is an object.
fn type_of(schema: &Value) -> &str {
    let named = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        one => one.as_str(),
    };
    named.unwrap_or(if schema.get("properties").is_some() { "object" } else { "" })
}
