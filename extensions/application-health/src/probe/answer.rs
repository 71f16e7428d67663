//! What an application's answer says: `{"ApplicationHealthState": "Healthy"|"Unhealthy", "CustomMetrics": "{..}"}`.

use serde_json::Value;

use super::Finding;
use crate::machine::Observed;

/// How much of an answer that is not understood is shown.
const SHOWN: usize = 120;

/// Reads the body of an answer with a status of 2xx. Keys are compared without case, as in the field.
pub(super) fn read(body: &str) -> Finding {
    let unknown = |words: &str| Finding::new(Observed::Unknown, format!("{words}: {}", excerpt(body)));
    let Ok(Value::Object(answer)) = serde_json::from_str::<Value>(body) else {
        return unknown("the answer is not a JSON object");
    };
    let value = |key: &str| answer.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value);
    let custom_metrics = match value("CustomMetrics") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
        Some(_) => return unknown("CustomMetrics in the answer is not a text"),
    };
    let mut finding = match value("ApplicationHealthState").and_then(Value::as_str) {
        Some("Healthy") => Finding::new(Observed::Healthy, "the application says Healthy"),
        Some("Unhealthy") => Finding::new(Observed::Unhealthy, "the application says Unhealthy"),
        Some(_) => unknown("ApplicationHealthState in the answer is neither Healthy nor Unhealthy"),
        None => unknown("the answer has no ApplicationHealthState"),
    };
    finding.custom_metrics = custom_metrics;
    finding
}

/// Whether custom metrics are what they must be: a JSON object with something in it.
#[must_use]
pub(crate) fn are_metrics_valid(text: &str) -> bool {
    matches!(serde_json::from_str::<Value>(text), Ok(Value::Object(metrics)) if !metrics.is_empty())
}

fn excerpt(body: &str) -> String {
    let start: String = body.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if body.chars().count() > SHOWN { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_but_the_two_words_is_certain(body in ".{0,200}", state in "[A-Za-z]{0,12}") {
            prop_assume!(state != "Healthy" && state != "Unhealthy");
            prop_assert_eq!(read(&body).observed, Observed::Unknown);
            let body = serde_json::json!({"ApplicationHealthState": state, "CustomMetrics": body}).to_string();
            prop_assert_eq!(read(&body).observed, Observed::Unknown);
        }
    }

    #[test]
    fn only_the_two_words_count() {
        for (body, observed) in [
            (r#"{"ApplicationHealthState":"Healthy"}"#, Observed::Healthy),
            (r#"{"applicationHealthState":"Unhealthy","x":1}"#, Observed::Unhealthy),
            (r#"{"ApplicationHealthState":"healthy"}"#, Observed::Unknown),
            (r#"{"ApplicationHealthState":1}"#, Observed::Unknown),
            (r#"{"ApplicationHealthState":"Healthy","CustomMetrics":{"a":1}}"#, Observed::Unknown),
            ("{}", Observed::Unknown),
            ("[]", Observed::Unknown),
            ("OK", Observed::Unknown),
            ("", Observed::Unknown),
        ] {
            assert_eq!(read(body).observed, observed, "{body}");
        }
    }

    #[test]
    fn metrics_travel_even_when_they_are_wrong() {
        let finding = read(r#"{"ApplicationHealthState":"Healthy","CustomMetrics":"{\"queue\": 3}"}"#);
        let metrics = finding.custom_metrics.unwrap();
        assert!(are_metrics_valid(&metrics), "{metrics}");
        let finding = read(r#"{"ApplicationHealthState":"Healthy","CustomMetrics":"many"}"#);
        assert_eq!(finding.observed, Observed::Healthy);
        for wrong in ["many", "{}", "[1]"] {
            assert!(!are_metrics_valid(wrong));
        }
    }

    #[test]
    fn an_answer_that_is_not_understood_is_quoted_in_part() {
        let detail = read(&"x\n".repeat(500)).detail;
        assert!(detail.ends_with('…') && !detail.contains('\n') && detail.len() < 250, "{detail}");
    }
}
