//! Reading JSON of unknown origin: size and nesting are bounded before serde sees it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ParseError;

/// Deepest nesting of arrays and objects that any document of this crate needs, with room to spare.
pub const MAX_DEPTH: usize = 64;

/// A document that is one JSON value with a bounded size.
pub trait JsonDocument: Serialize + DeserializeOwned {
    /// Name of the document in error messages.
    const WHAT: &'static str;
    /// Most bytes that are parsed.
    const MAX_BYTES: usize;

    /// Reads the document; a UTF-8 byte order mark is tolerated.
    ///
    /// # Errors
    /// Too large, nested too deeply, no JSON, or keys missing or of the wrong type.
    fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        parse(bytes, Self::MAX_BYTES, Self::WHAT)
    }

    /// The document as JSON text.
    fn render(&self) -> Vec<u8> {
        render(self)
    }
}

/// Reads one JSON value of at most `max` bytes and [`MAX_DEPTH`] levels; `what` names it in errors.
///
/// # Errors
/// Too large, nested too deeply, or not the expected shape.
pub fn parse<T: DeserializeOwned>(bytes: &[u8], max: usize, what: &'static str) -> Result<T, ParseError> {
    let bytes = bounded(bytes, max, what)?;
    serde_json::from_slice(bytes).map_err(|error| ParseError::malformed(what, error))
}

/// Checks size and nesting and strips a byte order mark.
pub(crate) fn bounded<'a>(bytes: &'a [u8], max: usize, what: &'static str) -> Result<&'a [u8], ParseError> {
    if bytes.len() > max {
        return Err(ParseError::TooLarge { what, size: bytes.len(), max });
    }
    if depth(bytes) > MAX_DEPTH {
        return Err(ParseError::TooDeep { what, max: MAX_DEPTH });
    }
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// Any value of this crate's types as compact JSON.
pub fn render<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("types of this crate have string keys and no failing serializers")
}

fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_string = false,
            (true, _) => {}
            (false, b'"') => in_string = true,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (false, _) => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{MAX_DEPTH, parse};
    use crate::ParseError;

    #[test]
    fn nesting_is_bounded_and_strings_do_not_count() {
        let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
        assert!(matches!(parse::<Value>(deep.as_bytes(), 4096, "x"), Err(ParseError::TooDeep { .. })));
        let text = format!("\"{}\\\"[\"", "[".repeat(200));
        assert!(parse::<Value>(text.as_bytes(), 4096, "x").is_ok());
    }

    #[test]
    fn size_is_checked_first() {
        assert!(matches!(parse::<Value>(b"not json", 3, "x"), Err(ParseError::TooLarge { size: 8, max: 3, .. })));
    }

    #[test]
    fn byte_order_mark_is_tolerated() {
        assert_eq!(parse::<u8>(b"\xef\xbb\xbf7", 10, "x"), Ok(7));
    }
}
