//! The browser's entry point: hydrates the pages that the server rendered.

// a page is one nested type, and its layout is computed here
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's loader once the module is instantiated. A page whose part of the program cannot be fetched stays as
/// the server rendered it.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    if app::pages::fetch_for_document().await.is_err() {
        return;
    }
    leptos::mount::hydrate_from_async(leptos::tachys::dom::body(), app::App).await.forget();
    tell_that_the_page_answers();
}

/// When the page answers to a person, `<html data-hydrated="412">` says so, with the milliseconds since navigation began:
/// tests wait for it, `make bench` reads it.
fn tell_that_the_page_answers() {
    if let Some(window) = web_sys::window()
        && let Some(root) = window.document().and_then(|document| document.document_element())
    {
        let elapsed = window.performance().map_or(0.0, |performance| performance.now());
        // an element of the page that we are in takes attributes; were it refused, nothing but the mark is lost
        let _ = root.set_attribute("data-hydrated", &format!("{elapsed:.0}"));
    }
}
