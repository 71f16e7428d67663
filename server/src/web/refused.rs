//! A form that was sent without scripts and refused: its page again, with what was typed (see `app::typed`).

use app::{error::UiError, typed::Typed};
use axum::{
    Form,
    body::Body,
    extract::{FromRequest, Query, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::server_fn::error::ServerFnUrlError;
use serde::Deserialize;

use super::ssr;
use crate::{answer, state::AppState};

/// Leptos sends a refused form back to its page by a redirect that forgets the fields; this one makes the browser send
/// them along.
pub(super) async fn take_fields_back(mut request: Request, next: Next) -> Response {
    let form = request.method() == Method::POST && request.uri().path().starts_with("/api/");
    if form {
        forget_refusals(request.headers_mut());
    }
    let mut response = next.run(request).await;
    let back = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if form && response.status() == StatusCode::FOUND && back.contains("__err=") {
        *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    }
    response
}

/// A page that shows a refusal has it in its address; Leptos would add the next one to it.
fn forget_refusals(headers: &mut HeaderMap) {
    let referer = headers.get(header::REFERER).and_then(|v| v.to_str().ok());
    let Some((page, query)) = referer.and_then(|text| text.split_once('?')) else { return };
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.starts_with("__path=") && !pair.starts_with("__err=")).collect();
    let clean = if kept.is_empty() { page.to_owned() } else { format!("{page}?{}", kept.join("&")) };
    if let Ok(clean) = clean.parse() {
        headers.insert(header::REFERER, clean);
    }
}

#[derive(Deserialize)]
pub(super) struct Refusal {
    #[serde(rename = "__path")]
    to: String,
    #[serde(rename = "__err")]
    error: String,
}

/// `POST` of a page: renders it, changes nothing.
pub(super) async fn page(
    State(state): State<AppState>,
    refusal: Result<Query<Refusal>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Response {
    let Ok(Query(refusal)) = refusal else { return Redirect::to(request.uri().path()).into_response() };
    let (mut parts, body) = request.into_parts();
    let fields = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let fields = match fields {
        Ok(Form(fields)) => fields,
        Err(rejection) => return rejection.into_response(),
    };
    parts.method = Method::GET;
    parts.extensions.insert(Typed::new(refusal.to, fields));
    let mut response = ssr::render(&state, Request::from_parts(parts, Body::empty())).await;
    let fault = ServerFnUrlError::<UiError>::decode_err(&refusal.error).0;
    *response.status_mut() = answer::status(fault.kind);
    response
}
