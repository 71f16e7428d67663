//! One record of a run as a row: what it says, and how it looks.

use domain::{
    operation::StepPhase,
    run_output::{OUTPUT_CAP_BYTES, OUTPUT_CAP_LINES, OutputEntry, OutputRecord, Stream},
    timestamp::Timestamp,
};
use leptos::prelude::*;

use crate::ui::{bytes, count_of, millis};

/// A row of the log, ready to be put on the page by the server or by the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `L18`: what a link to the line names.
    pub id: String,
    /// Its number, from 1.
    pub number: String,
    /// Time of day, UTC, with milliseconds.
    pub time: String,
    /// What it says.
    pub text: String,
    /// `stdout`, `stderr`, `agent` or `step`: what the filter asks.
    pub stream: &'static str,
    /// Classes of the row.
    pub class: &'static str,
}

impl Row {
    /// The row for a record.
    pub fn of(record: OutputRecord) -> Self {
        let number = record.n + 1;
        let (stream, class, text) = match record.entry {
            OutputEntry::Line { stream: Stream::Stdout, text } => ("stdout", PLAIN, without_escapes(text)),
            OutputEntry::Line { stream: Stream::Stderr, text } => ("stderr", ERROR, without_escapes(text)),
            OutputEntry::Line { stream: Stream::Agent, text } => ("agent", STEP, without_escapes(text)),
            OutputEntry::Step { step, phase, duration_ms, detail } => {
                let class = if phase == StepPhase::Failed { WARN } else { STEP };
                ("step", class, step_text(step.label(), phase, duration_ms, detail))
            }
            OutputEntry::Capped => ("step", WARN, format!("▸ {}", cap_sentence())),
            OutputEntry::Dropped { lines } => {
                let lines = count_of(lines, "line", "lines");
                ("step", WARN, format!("▸ {lines} after the limit were not kept."))
            }
        };
        Self { id: format!("L{number}"), number: number.to_string(), time: time_of_day(record.at), text, stream, class }
    }
}

const PLAIN: &str = "log-line target:bg-info-tint";
const ERROR: &str = "log-line is-err target:bg-info-tint";
const STEP: &str = "log-line is-step target:bg-info-tint";
const WARN: &str = "log-line is-warn target:bg-info-tint";

/// How much is kept of a run, in a sentence.
pub fn cap_sentence() -> String {
    format!(
        "The limit of {} or {} lines a run is reached; the script goes on, later lines are not kept.",
        bytes(OUTPUT_CAP_BYTES),
        OUTPUT_CAP_LINES
    )
}

fn step_text(label: &str, phase: StepPhase, duration_ms: Option<u64>, detail: Option<String>) -> String {
    let took = duration_ms.map(|ms| format!(" after {}", millis(ms))).unwrap_or_default();
    let detail = detail.map(|d| format!(", {d}")).unwrap_or_default();
    match phase {
        StepPhase::Waiting | StepPhase::Started => format!("▸ {label}: begun{detail}"),
        StepPhase::Done => format!("▸ {label}{took}{detail}"),
        StepPhase::Failed => format!("▸ {label}: failed{took}{detail}"),
        StepPhase::Skipped => format!("▸ {label}: not needed{detail}"),
    }
}

/// `14:02:03.018`.
pub fn time_of_day(at: Timestamp) -> String {
    at.rfc3339().get(11..23).unwrap_or_default().to_owned()
}

/// Text without terminal escape sequences, and as it stood after its last carriage return (progress bars).
fn without_escapes(text: String) -> String {
    if !text.contains(['\u{1b}', '\r']) {
        return text;
    }
    let visible = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    let mut out = String::with_capacity(visible.len());
    let mut chars = visible.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            // CSI: parameters, then one final byte
            Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
            // OSC: up to BEL
            Some(']') => while chars.next().is_some_and(|c| c != '\u{7}') {},
            _ => {}
        }
    }
    out
}

/// A row as the server writes it; [`super::dom::append`] builds the same in the browser.
pub fn row_view(row: Row) -> impl IntoView {
    let href = format!("#{}", row.id);
    let label = format!("Line {}", row.number);
    view! {
        <div class=row.class id=row.id data-stream=row.stream>
            <a href=href rel="external" aria-label=label>
                {row.number}
            </a>
            <time>{row.time}</time>
            <span>{row.text}</span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::operation::StepName;

    use super::*;

    fn row(entry: OutputEntry) -> Row {
        Row::of(OutputRecord { n: 17, at: Timestamp::from_millis(1_795_356_123_018), entry })
    }

    #[test]
    fn rows_say_what_happened() {
        let line = row(OutputEntry::Line { stream: Stream::Stderr, text: "a\u{1b}[31mred\u{1b}[0m".into() });
        assert_eq!((line.id.as_str(), line.text.as_str(), line.stream), ("L18", "ared", "stderr"));
        assert_eq!(line.time, "14:02:03.018");
        let step = row(OutputEntry::Step {
            step: StepName::Downloaded,
            phase: StepPhase::Done,
            duration_ms: Some(412),
            detail: Some("3.1 MB".into()),
        });
        assert_eq!(step.text, "▸ Downloaded after 412 ms, 3.1 MB");
        assert!(row(OutputEntry::Capped).text.contains("1.0 MB or 20000 lines"));
    }

    #[test]
    fn a_progress_bar_shows_its_last_state() {
        assert_eq!(without_escapes("10 %\r50 %\r100 %\r".into()), "100 %");
        assert_eq!(without_escapes("\u{1b}]0;title\u{7}x".into()), "x");
    }
}
