//! From an OpenAPI document to operations.

use serde_json::{Map, Value};

use super::{ApiDocument, ApiLine, ApiOperation, ApiParameter, ApiResponse, UnreadableDocument, example::example};

const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];
/// The group of operations that name none.
const NO_GROUP: &str = "Other";

pub(super) fn document(document: &Value) -> Result<ApiDocument, UnreadableDocument> {
    let paths = document["paths"].as_object().ok_or_else(|| UnreadableDocument("it has no paths".into()))?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        let item = resolved(document, item);
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let operation =
                operation.as_object().ok_or_else(|| UnreadableDocument(format!("{method} {path} is not an object")))?;
            let group = operation.get("tags").and_then(|tags| tags[0].as_str()).unwrap_or(NO_GROUP);
            operations.push((group.to_owned(), one(document, path, method, &item["parameters"], operation)));
        }
    }
    // groups in the order in which they first come
    let mut names: Vec<String> = Vec::new();
    for (group, _) in &operations {
        if !names.contains(group) {
            names.push(group.clone());
        }
    }
    operations.sort_by_key(|(group, _)| names.iter().position(|name| name == group));
    Ok(ApiDocument { version: text(&document["info"]["version"]), operations })
}

fn one(document: &Value, path: &str, method: &str, common: &Value, operation: &Map<String, Value>) -> ApiOperation {
    let method = method.to_uppercase();
    let of = |name: &str| operation.get(name).unwrap_or(&Value::Null);
    let id = of("operationId").as_str().map_or_else(|| format!("{method} {path}"), str::to_owned);
    let lists = [common, of("parameters")].into_iter().filter_map(Value::as_array).flatten();
    let parameters = lists.map(|parameter| {
        let parameter = resolved(document, parameter);
        ApiParameter {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            required: parameter["required"] == true,
            meaning: text(&parameter["description"]),
        }
    });
    let responses = of("responses").as_object().into_iter().flatten().map(|(status, response)| {
        let response = resolved(document, response);
        ApiResponse {
            status: status.clone(),
            meaning: text(&response["description"]),
            example: content(document, response),
        }
    });
    ApiOperation {
        description: text(of("description")),
        parameters: parameters.collect(),
        body: content(document, resolved(document, of("requestBody"))),
        responses: responses.collect(),
        line: ApiLine { id, path: path.to_owned(), summary: text(of("summary")), method },
    }
}

/// The JSON that a body or an answer holds: the document's own example, or one made from its schema.
fn content(document: &Value, holder: &Value) -> Option<String> {
    let media = holder["content"].as_object()?.iter().find(|(kind, _)| kind.contains("json"))?.1;
    let given = media.get("example").or_else(|| {
        let named = media.get("examples")?.as_object()?.values().next()?;
        resolved(document, named).get("value")
    });
    let value = match given {
        Some(value) => value.clone(),
        None => example(document, media.get("schema")?),
    };
    Some(format!("{value:#}"))
}

/// What a `$ref` into the same document means; anything else means itself.
pub(super) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}
