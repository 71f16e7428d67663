//! The browser's entry point: hydrates the pages that the server rendered.

// a page is one nested type, and its layout is computed here
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's loader once the module is instantiated.
///
/// When the page answers to a person, `<html data-hydrated="412">` says so, with the milliseconds since navigation began:
/// tests wait for it, `make bench` reads it.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    if let Some(window) = web_sys::window()
        && let Some(root) = window.document().and_then(|document| document.document_element())
    {
        let elapsed = window.performance().map_or(0.0, |performance| performance.now());
        // an element of the page that we are in takes attributes; were it refused, nothing but the mark is lost
        let _ = root.set_attribute("data-hydrated", &format!("{elapsed:.0}"));
    }
}
