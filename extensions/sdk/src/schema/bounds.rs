//! The bounds of numbers, texts and lists.

use regex_lite::Regex;
use serde_json::{Map, Value};

/// Reports each bound in `rules` that `value` breaks; rules for other types do not apply.
pub(super) fn visit(rules: &Map<String, Value>, value: &Value, report: &mut impl FnMut(String)) {
    match value {
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            if let Some(least) = rules.get("minimum").filter(|least| least.as_f64().is_some_and(|least| number < least))
            {
                report(format!("must be at least {least}"));
            }
            if let Some(most) = rules.get("maximum").filter(|most| most.as_f64().is_some_and(|most| number > most)) {
                report(format!("must be at most {most}"));
            }
        }
        Value::String(text) => {
            let length = text.chars().count();
            if let Some(least) = count(rules, "minLength").filter(|least| length < *least) {
                report(if least == 1 {
                    "must not be empty".to_owned()
                } else {
                    format!("must have at least {least} characters")
                });
            }
            if let Some(most) = count(rules, "maxLength").filter(|most| length > *most) {
                report(format!("must have at most {most} characters"));
            }
            let pattern = rules.get("pattern").and_then(Value::as_str).and_then(|pattern| Regex::new(pattern).ok());
            if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
                report("does not have the expected form".to_owned());
            }
        }
        Value::Array(items) => {
            if let Some(least) = count(rules, "minItems").filter(|least| items.len() < *least) {
                report(format!("must have at least {least} {}", entries(least)));
            }
            if let Some(most) = count(rules, "maxItems").filter(|most| items.len() > *most) {
                report(format!("must have at most {most} {}", entries(most)));
            }
            let unique = rules.get("uniqueItems") == Some(&Value::Bool(true));
            if unique && items.iter().enumerate().any(|(index, item)| items[..index].contains(item)) {
                report("must not hold an entry twice".to_owned());
            }
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => {}
    }
}

fn count(rules: &Map<String, Value>, name: &str) -> Option<usize> {
    usize::try_from(rules.get(name)?.as_u64()?).ok()
}

const fn entries(count: usize) -> &'static str {
    if count == 1 { "entry" } else { "entries" }
}
