//! A check of settings against the part of JSON Schema 2020-12 that catalogue entries use: `type`, `enum`, `const`,
//! `required`, `properties`, `additionalProperties: false`, `items`, the bounds of numbers, texts and lists,
//! `pattern`, and `allOf` with `if`/`then`/`else` and `not`.
//!
//! Messages name the place and the rule, never the value: the value may be a secret.

mod bounds;

use std::fmt;

use serde_json::{Map, Value};

/// One setting that the schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as in `settings.fileUris[2]`.
    pub at: String,
    /// Which rule is broken, in words that follow the place.
    pub says: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.at, self.says)
    }
}

/// Everything in `value` that `schema` does not allow; `at` is the place of `value` itself.
#[must_use]
pub fn check(schema: &Value, value: &Value, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    visit(schema, value, at, &mut problems);
    problems
}

fn visit(schema: &Value, value: &Value, at: &str, problems: &mut Vec<Problem>) {
    let mut report = |says: String| problems.push(Problem { at: at.to_owned(), says });
    let Value::Object(rules) = schema else {
        if schema == &Value::Bool(false) {
            report("is not allowed".to_owned());
        }
        return;
    };
    if let Some(expected) = rules.get("type").filter(|expected| !is_of_type(expected, value)) {
        report(format!("must be {}", type_words(expected)));
        // the other rules would only repeat it in other words
        return;
    }
    if let Some(allowed) = rules.get("enum").and_then(Value::as_array).filter(|allowed| !allowed.contains(value)) {
        report(format!("must be one of {}", list(allowed)));
    }
    if rules.get("const").is_some_and(|only| only != value) {
        report("must have its one allowed value".to_owned());
    }
    bounds::visit(rules, value, &mut report);
    match value {
        Value::Object(given) => visit_object(rules, given, at, problems),
        Value::Array(items) => {
            if let Some(rule) = rules.get("items") {
                for (index, item) in items.iter().enumerate() {
                    visit(rule, item, &format!("{at}[{index}]"), problems);
                }
            }
        }
        _ => {}
    }
    visit_conditions(rules, value, at, problems);
}

fn visit_object(rules: &Map<String, Value>, given: &Map<String, Value>, at: &str, problems: &mut Vec<Problem>) {
    let known = rules.get("properties").and_then(Value::as_object);
    for (key, value) in given {
        let place = format!("{at}.{key}");
        match (known.and_then(|known| known.get(key)), rules.get("additionalProperties")) {
            (Some(rule), _) => visit(rule, value, &place, problems),
            (None, Some(Value::Bool(false))) => {
                let says = "is not a setting of this version of the extension".to_owned();
                problems.push(Problem { at: place, says });
            }
            (None, Some(rule)) => visit(rule, value, &place, problems),
            (None, None) => {}
        }
    }
    let required = rules.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for key in required.filter(|key| !given.contains_key(*key)) {
        problems.push(Problem { at: format!("{at}.{key}"), says: "is missing".to_owned() });
    }
}

fn visit_conditions(rules: &Map<String, Value>, value: &Value, at: &str, problems: &mut Vec<Problem>) {
    for part in rules.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        visit(part, value, at, problems);
    }
    if let Some(condition) = rules.get("if") {
        let branch = if check(condition, value, at).is_empty() { "then" } else { "else" };
        if let Some(rule) = rules.get(branch) {
            visit(rule, value, at, problems);
        }
    }
    if rules.get("not").is_some_and(|rule| check(rule, value, at).is_empty()) {
        problems.push(Problem { at: at.to_owned(), says: "holds a combination that is not allowed".to_owned() });
    }
}

fn is_of_type(expected: &Value, value: &Value) -> bool {
    let one = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    };
    match expected {
        Value::String(name) => one(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(one),
        _ => true,
    }
}

fn type_words(expected: &Value) -> String {
    let word = |name: &str| match name {
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "true or false",
        "null" => "null",
        "number" => "a number",
        "integer" => "a whole number",
        _ => "of another type",
    };
    match expected {
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(word).collect::<Vec<_>>().join(" or "),
        Value::String(name) => word(name).to_owned(),
        _ => "of another type".to_owned(),
    }
}

fn list(values: &[Value]) -> String {
    values
        .iter()
        .map(|value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn says(schema: &Value, value: &Value) -> Vec<String> {
        let mut found: Vec<_> = check(schema, value, "settings").iter().map(ToString::to_string).collect();
        found.sort();
        found
    }

    #[test]
    fn names_place_and_rule() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["port"],
            "properties": {
                "port": {"type": "integer", "minimum": 1, "maximum": 65535},
                "protocol": {"enum": ["tcp", "http"]},
                "list": {"type": "array", "items": {"type": "string", "pattern": "^https?://"}, "maxItems": 2, "uniqueItems": true},
            }
        });
        assert_eq!(says(&schema, &json!({"port": 80, "protocol": "tcp"})), Vec::<String>::new());
        assert_eq!(says(&schema, &json!({"port": 0})), ["settings.port: must be at least 1"]);
        assert_eq!(says(&schema, &json!({"port": "80"})), ["settings.port: must be a whole number"]);
        assert_eq!(says(&schema, &json!({})), ["settings.port: is missing"]);
        assert_eq!(says(&schema, &json!([])), ["settings: must be an object"]);
        assert_eq!(
            says(&schema, &json!({"port": 1, "x": 1, "protocol": "udp"})),
            [
                "settings.protocol: must be one of tcp, http",
                "settings.x: is not a setting of this version of the extension"
            ]
        );
        assert_eq!(
            says(&schema, &json!({"port": 1, "list": ["ftp://a", "ftp://a", "http://b"]})),
            [
                "settings.list: must have at most 2 entries",
                "settings.list: must not hold an entry twice",
                "settings.list[0]: does not have the expected form",
                "settings.list[1]: does not have the expected form",
            ]
        );
    }

    #[test]
    fn conditions_depend_on_other_settings() {
        let schema = json!({"allOf": [{
            "if": {"properties": {"protocol": {"const": "tcp"}}, "required": ["protocol"]},
            "then": {"required": ["port"], "properties": {"requestPath": false}},
        }]});
        assert!(says(&schema, &json!({"protocol": "http"})).is_empty());
        assert_eq!(says(&schema, &json!({"protocol": "tcp"})), ["settings.port: is missing"]);
        assert_eq!(
            says(&schema, &json!({"protocol": "tcp", "port": 1, "requestPath": "/"})),
            ["settings.requestPath: is not allowed"]
        );
    }

    proptest! {
        #[test]
        fn never_repeats_a_value(secret in "[a-z]{12}") {
            let schema = json!({"properties": {"a": {"type": "integer"}, "b": {"enum": ["x"]}, "c": {"const": 1}, "d": {"pattern": "^[0-9]$"}}});
            let given = json!({"a": secret, "b": secret, "c": secret, "d": secret});
            let problems = says(&schema, &given);
            prop_assert_eq!(problems.len(), 4);
            prop_assert!(problems.iter().all(|text| !text.contains(&secret)));
        }
    }
}
