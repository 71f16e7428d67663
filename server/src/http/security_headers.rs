//! Headers that tell browsers what a page of this portal may never do.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};

use crate::state::AppState;

/// The policy of answers that are no pages (pages bring their own, with the nonce of their inline scripts).
const NOTHING: &str = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const PERMISSIONS: &str = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), \
                           payment=(), usb=(), browsing-topics=()";

/// Adds the headers to an answer that does not have its own.
pub fn add(state: &AppState, response: &mut Response) {
    let headers = response.headers_mut();
    let mut set = |name, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, NOTHING);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(header::HeaderName::from_static("permissions-policy"), PERMISSIONS);
    // what a signed-in person sees is not for shared caches, and not for the back button after signing out
    set(header::CACHE_CONTROL, "no-store");
    if state.config().secure_cookies {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
