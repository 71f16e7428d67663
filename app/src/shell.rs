//! The HTML document around the application, with its security headers. Server only.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::{App, session::RequestScope};

/// The policy for a page whose inline scripts carry `nonce`: Leptos writes the data of a page, and the call that starts
/// hydration, as inline scripts. No other inline script, no inline style, no foreign origin.
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' \
         data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// The whole document. The theme's class stands on `<html>` from the first byte, so no page flashes.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let scope = use_context::<RequestScope>();
    if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
        && let Ok(value) = http::HeaderValue::from_str(&content_security_policy(&nonce))
    {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
    }
    let theme = scope.as_ref().map(|s| s.theme).unwrap_or_default();
    let now = scope.as_ref().map_or(0, |s| s.now.millis());
    view! {
        <!DOCTYPE html>
        <html lang="en" class=theme.class() data-now=now>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/logo.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
