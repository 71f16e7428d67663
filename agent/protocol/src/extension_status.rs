//! What a handler says about one configuration: the heart of both the status file and the status document.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::lenient;

/// Status of one configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtensionStatus {
    /// The handler's or the configuration's name; whatever the handler wrote.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// Such as `Enable`; any word.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub operation: Option<String>,
    /// When the settings were applied, as the handler wrote it.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub configuration_applied_time: Option<String>,
    /// How it stands.
    pub status: StatusLevel,
    /// Positive: the user's settings or script; zero or negative: the platform's side.
    #[serde(default, deserialize_with = "lenient::code")]
    pub code: i64,
    /// The message.
    #[serde(default)]
    pub formatted_message: FormattedMessage,
    /// Parts, such as the output streams of a script.
    #[serde(default, deserialize_with = "lenient::list")]
    pub substatus: Vec<Substatus>,
}

/// One part of a status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Substatus {
    /// Such as `StdOut`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// How this part stands; may be worse than the whole.
    pub status: StatusLevel,
    /// As for the whole.
    #[serde(default, deserialize_with = "lenient::code")]
    pub code: i64,
    /// The message.
    #[serde(default)]
    pub formatted_message: FormattedMessage,
}

/// How something stands. Read without case; a word that is none of these counts as an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusLevel {
    /// Still at work; not final.
    #[default]
    Transitioning,
    /// Something is not right; not final.
    Warning,
    /// Failed; final.
    Error,
    /// Done; final.
    Success,
}

impl StatusLevel {
    /// Whether nothing more is to be expected.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Error | Self::Success)
    }

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transitioning => "transitioning",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Success => "success",
        }
    }

    /// The level that a word names, in any case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Transitioning, Self::Warning, Self::Error, Self::Success];
        all.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

impl<'de> Deserialize<'de> for StatusLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_word(&lenient::text(deserializer)?).unwrap_or(Self::Error))
    }
}

/// A text and its language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FormattedMessage {
    /// Such as `en-US`.
    pub lang: String,
    /// The text; null in the wild reads as empty.
    pub message: String,
}

impl FormattedMessage {
    /// An English text.
    #[must_use]
    pub fn english(message: impl Into<String>) -> Self {
        Self { lang: "en-US".to_owned(), message: message.into() }
    }
}

impl<'de> Deserialize<'de> for FormattedMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = |value: Option<Value>| match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
        };
        Ok(match Value::deserialize(deserializer)? {
            Value::Object(mut map) => Self { lang: text(map.remove("lang")), message: text(map.remove("message")) },
            Value::Null => Self::default(),
            other => Self { lang: String::new(), message: text(Some(other)) },
        })
    }
}
