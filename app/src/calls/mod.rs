//! Server functions: one adapter of a few lines for each thing a page may ask. They translate and never decide.
//!
//! Reads are `GET`, so they can be repeated; changes are form posts, so they work before hydration. Every one is a
//! public address below `/api/` and stands in the server's authorization table.
#![expect(
    missing_docs,
    reason = "`#[server]` makes structs whose fields are the arguments of the documented functions"
)]

pub mod access;
pub mod account;
pub mod enrolment;
pub mod extensions;
pub mod images;
pub mod operations;
pub mod protocol;
pub mod vms;

/// The failure as the page gets it, with the HTTP status that fits. A plain form post keeps its redirect back to the
/// form (Leptos puts the failure into its address), so its status stays.
#[cfg(feature = "ssr")]
fn told(fault: domain::fault::Fault) -> crate::error::UiError {
    use leptos::prelude::use_context;
    let plain_post = use_context::<http::request::Parts>().is_some_and(|request| {
        let accept = request.headers.get(http::header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        request.method == http::Method::POST && accept.contains("text/html")
    });
    let status = http::StatusCode::from_u16(crate::error::http_status(fault.kind)).ok().filter(|_| !plain_post);
    if let (Some(response), Some(status)) = (use_context::<leptos_axum::ResponseOptions>(), status) {
        response.set_status(status);
    }
    fault.into()
}

/// An etag field of a form: the generation that the page was filled from.
#[cfg(feature = "ssr")]
fn seen(etag: &str) -> Option<domain::generation::Generation> {
    etag.parse().ok().map(domain::generation::Generation::new)
}
