//! `GET /activity.csv`: the activity log for a spreadsheet, with the filter of the page.

use axum::{
    Extension,
    body::Body,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    activity::{ActivityEntry, ActivityFilter, Outcome},
    actor::Actor,
    fault::Fault,
    page::{Page, PageRequest},
    portal::AccountCalls,
};
use futures::{Stream, stream};
use serde::Deserialize;

use crate::{answer, state::AppState};

const HEADINGS: &str = "number,at,actor,action,outcome,machine,extension,operation,detail\r\n";
/// Rows read at a time.
const STRETCH: u32 = 200;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    vm: String,
    #[serde(default)]
    outcome: String,
}

/// All lines that match, newest first.
pub(super) async fn csv(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Response {
    let filter = ActivityFilter { text: asked.q, vm: asked.vm.parse().ok(), outcome: Outcome::parse(&asked.outcome) };
    let first = state.control().activity_list(&actor, filter.clone(), PageRequest::new(1, STRETCH)).await;
    match first {
        Ok(first) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"annex-activity.csv\""),
            ];
            (headers, Body::from_stream(stretches(state, actor, filter, first))).into_response()
        }
        Err(fault) => answer::fault(&fault),
    }
}

fn stretches(
    state: AppState,
    actor: Actor,
    filter: ActivityFilter,
    first: Page<ActivityEntry>,
) -> impl Stream<Item = Result<String, Fault>> {
    stream::try_unfold((Some(first), HEADINGS.to_owned()), move |(page, mut text)| {
        let (state, actor, filter) = (state.clone(), actor.clone(), filter.clone());
        async move {
            let Some(page) = page else { return Ok(None) };
            text.extend(page.items.iter().map(row));
            let next = PageRequest::new(page.request.number + 1, STRETCH);
            let more = page.request.number < page.last();
            let page = if more { Some(state.control().activity_list(&actor, filter, next).await?) } else { None };
            Ok(Some((text, (page, String::new()))))
        }
    })
}

fn row(entry: &ActivityEntry) -> String {
    let fields = [
        entry.number.to_string(),
        entry.at.rfc3339(),
        entry.actor.clone(),
        entry.action.clone(),
        entry.outcome.label().to_owned(),
        entry.vm.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
        entry.extension.clone().unwrap_or_default(),
        entry.operation.map(|id| id.to_string()).unwrap_or_default(),
        entry.detail.clone().unwrap_or_default(),
    ];
    let mut line = fields.map(|field| quoted(&field)).join(",");
    line.push_str("\r\n");
    line
}

/// A field by RFC 4180. What a spreadsheet would run as a formula is given an apostrophe.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", field.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_are_doubled_and_formulas_disarmed() {
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("=cmd()"), "\"'=cmd()\"");
    }
}
