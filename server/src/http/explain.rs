//! A refusal that a browser would show as JSON becomes a page in words. It needs neither the database nor scripts.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    response::{Html, IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};

use crate::state::AppState;

/// The page has the portal's stylesheet and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
);

/// Where somebody who asked for a page may try again; `None`: a page is not what was asked for.
#[must_use]
pub fn way_back(request: &Request) -> Option<String> {
    wants_page(request.headers()).then(|| page_of(request))
}

/// Turns faults of handlers and of the guard into pages, for those who asked for one ([`way_back`]).
#[must_use]
pub fn explain(state: &AppState, mut response: Response, way_back: Option<String>) -> Response {
    let (Some(fault), Some(again)) = (response.extensions_mut().remove::<Fault>(), way_back) else { return response };
    let (mut parts, _) = response.into_parts();
    for of_the_old_body in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING] {
        parts.headers.remove(of_the_old_body);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    parts.headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    (parts, Html(page(&fault, &again, state.stylesheet()))).into_response()
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// The page itself, or the one that a form was on.
fn page_of(request: &Request) -> String {
    if request.method() == Method::GET {
        return request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    }
    let referer = request.headers().get(header::REFERER).and_then(|v| v.to_str().ok());
    let uri = referer.and_then(|text| text.parse::<axum::http::Uri>().ok());
    uri.and_then(|uri| uri.path_and_query().map(ToString::to_string)).unwrap_or_else(|| "/".to_owned())
}

fn page(fault: &Fault, again: &str, stylesheet: Option<&str>) -> String {
    let heading = app::error::fault_heading(fault.kind);
    let style = stylesheet.map(|path| format!("<link rel=\"stylesheet\" href=\"{path}\">")).unwrap_or_default();
    let kept = match fault.kind {
        FaultKind::Unavailable => "<p class=\"hint\">Your browser's Back button brings back what you typed.</p>",
        _ => "",
    };
    let reference = fault.reference.as_ref().map(|number| format!(" Reference <code>{}</code>", escaped(number)));
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{heading} · Annex</title>{style}</head>\
         <body><main id=\"main\" class=\"doorway\"><div class=\"w-full max-w-[372px]\"><div class=\"card\">\
         <div class=\"p-6 grid gap-4\"><h1 class=\"!text-card\">{heading}</h1><p>{message}</p>{kept}\
         <p><a class=\"btn btn-primary\" href=\"{again}\">Try again</a></p>\
         <p class=\"meta\">Code <code>{code}</code>{reference}</p></div></div></div></main></body></html>",
        message = escaped(&fault.message),
        again = escaped(again),
        code = escaped(&fault.code),
        reference = reference.unwrap_or_default(),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_named_does_not_become_markup() {
        let fault = Fault::not_found("There is no machine <script>\"x\"</script>.");
        let text = page(&fault, "/vms/\"><b>", None);
        assert!(!text.contains("<script>") && !text.contains("<b>") && text.contains("&lt;script&gt;"), "{text}");
    }
}
