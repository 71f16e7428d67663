//! Files of the site: what the build made (names carry a hash of the content) and the public files beside it.

use std::{collections::HashSet, path::Path, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};
use leptos::config::LeptosOptions;
use tower_http::services::{ServeDir, ServeFile};

use crate::state::AppState;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// What Leptos needs to know of the site: file names carry hashes when the build left `hash.txt` in its folder.
#[must_use]
pub fn leptos_options(site: &Path) -> LeptosOptions {
    let site = std::path::absolute(site).unwrap_or_else(|_| site.to_owned());
    let hashes = site.join("hash.txt");
    LeptosOptions::builder()
        .output_name("annex")
        .site_root(site.display().to_string())
        .site_pkg_dir("pkg")
        .hash_files(hashes.is_file())
        .hash_file(Arc::<str>::from(hashes.display().to_string()))
        .build()
}

/// The path of the stylesheet, as the build named it; `None` without a build.
#[must_use]
pub fn stylesheet(site: &Path) -> Option<String> {
    let hashes = std::fs::read_to_string(site.join("hash.txt")).ok()?;
    let hash = hashes.lines().find_map(|line| line.strip_prefix("css: "))?;
    Some(format!("/pkg/annex.{}.css", hash.trim()))
}

/// Paths of the public files: everything at the top of the site but the build's own notes and its compressed copies.
#[must_use]
pub fn public_files(site: &Path) -> HashSet<String> {
    let entries = std::fs::read_dir(site).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name != "hash.txt" && !name.ends_with(".br") && !name.ends_with(".gz") && !name.starts_with('.'))
        .filter(|name| !name.contains(['{', '}', '*']))
        .map(|name| format!("/{name}"))
        .collect()
}

/// The files. A missing one is 404 and is not cached.
pub(super) fn router(state: &AppState) -> Router<AppState> {
    let site = &state.config().site;
    let built = ServeDir::new(site).precompressed_br().precompressed_gzip().append_index_html_on_directories(false);
    let how = if leptos_options(site).hash_files { FOR_EVER } else { HeaderValue::from_static("no-cache") };
    let built = Router::new()
        .route_service("/pkg/{*path}", built)
        .layer(middleware::from_fn(move |request, next| cached(request, next, how.clone())));
    let public = public_files(site).into_iter().fold(Router::new(), |router, path| {
        let file = ServeFile::new(site.join(path.trim_start_matches('/'))).precompressed_br().precompressed_gzip();
        router.route_service(&path, file)
    });
    built.merge(public.layer(middleware::from_fn(|request, next| cached(request, next, AN_HOUR))))
}

async fn cached(request: Request, next: Next, how: HeaderValue) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == axum::http::StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CACHE_CONTROL, how);
    }
    response
}
