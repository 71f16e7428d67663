//! Reading what handlers and foreign agents really write: numbers as text, null for text, any word anywhere.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An integer that may come as a number, a text or null (0). Anything else is an error.
pub(crate) fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(0),
        Value::Bool(flag) => Ok(i64::from(flag)),
        Value::Number(number) => {
            #[expect(clippy::cast_possible_truncation, reason = "a float saturates, which is what is wanted")]
            let rounded = || number.as_f64().map_or(i64::MAX, |float| float as i64);
            Ok(number.as_i64().unwrap_or_else(rounded))
        }
        Value::String(text) => {
            text.trim().parse().map_err(|_| serde::de::Error::custom(format!("{text:?} is no code")))
        }
        Value::Array(_) | Value::Object(_) => Err(serde::de::Error::custom("a code cannot be a list or an object")),
    }
}

/// A sequence number that may come as a number, a text or null.
pub(crate) fn sequence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Number(number) => Ok(number.as_u64()),
        Value::String(text) => Ok(text.trim().parse().ok()),
        _ => Ok(None),
    }
}

/// A version number that may come as a text; anything unreadable is 1.0.
pub(crate) fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let version = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|version: &f64| version.is_finite()),
        _ => None,
    };
    Ok(version.unwrap_or(1.0))
}

/// A text; null is empty, any other value is its JSON text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(optional_text(deserializer)?.unwrap_or_default())
}

/// A text or nothing; any other value is its JSON text.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

/// A list; null is empty.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A flag; the words `true` and `false` in any case count, anything else is false.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    })
}

/// The version of documents that do not say theirs.
pub(crate) fn one() -> f64 {
    1.0
}
