//! Pages in parts of the program that the browser fetches only when it shows one of them.
//!
//! ```text
//!  pages! { home { HOME: home::HomePage } }
//!     ├ compiled        a function that only the part `home` reaches: the build takes it and its code out of the main part
//!     ├ on the server   HOME.choose() calls it and notes the part: the head of the document asks for its files at once
//!     └ in the browser  HOME.choose() waits for split_home.wasm and what it shares with other parts, then calls it
//! ```
//!
//! A part may be gone (the portal was updated) or out of reach. Then the browser itself goes to the page; and a page that the
//! server rendered stays as it is, which is whole without scripts.

use std::{
    future::{Future, pending},
    pin::Pin,
};

use leptos::{prelude::*, wasm_split::SplitLoaderError};
use leptos_router::{ChooseView, hooks::use_url};

use crate::paths;

type Fetched<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

/// A page that may have to be fetched before it can be shown.
#[derive(Clone, Copy)]
pub struct Page {
    /// Fetches the part of the program that it is in.
    pub fetch: fn() -> Fetched<()>,
    /// Fetches it and renders the page.
    pub show: fn() -> Fetched<AnyView>,
}

impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        or_by_the_browser((self.show)()).await
    }

    async fn preload(&self) {
        or_by_the_browser((self.fetch)()).await
    }
}

async fn or_by_the_browser<T>(part: Fetched<T>) -> T {
    if let Ok(fetched) = part.await {
        return fetched;
    }
    let came_from_server = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
    if !came_from_server {
        let url = use_url();
        let url = url.read_untracked();
        let _ = window().location().set_href(&paths::address(url.path(), url.search()));
    }
    pending().await
}

/// Writes into the head of the document which files the browser needs for this part.
///
/// Leptos' own way (`prefetch_lazy_fn_on_server`) looks its context up when the page has been rendered, on whatever thread it
/// was finished on: every other page went out without the links. Here the page itself is the place.
#[cfg(feature = "ssr")]
pub(super) fn ask_for(part: &str) {
    use leptos_meta::Link;
    let manifest = use_context::<leptos::WasmSplitManifest>();
    let Some(manifest) = manifest.as_ref().and_then(|manifest| manifest.0.try_read_value()) else { return };
    let (folder, files, loader) = &*manifest;
    for file in files.get(part).into_iter().flatten() {
        let href = format!("{folder}/{file}.wasm");
        // rendering a link is what notes it for the head
        view! { <Link rel="preload" href as_="fetch" type_="application/wasm" crossorigin="anonymous" /> }.to_html();
    }
    view! { <Link rel="modulepreload" href=format!("{folder}/{loader}") crossorigin="anonymous" /> }.to_html();
}

/// Fetches the part that the document asks for, which is that of the page in it. Until it is there nothing should listen for
/// clicks: the browser follows links by itself. Errors: it cannot be fetched, so the page cannot be hydrated.
pub(super) async fn fetch_for_document(pages: &[(&str, Page)]) -> Result<(), SplitLoaderError> {
    let asked = |part: &str| {
        let link = format!("link[rel=preload][href*='/split_{part}.']");
        document().query_selector(&link).is_ok_and(|found| found.is_some())
    };
    match pages.iter().find(|(part, _)| asked(part)) {
        Some((_, page)) => (page.fetch)().await,
        None => Ok(()),
    }
}

/// `part { NAME: path::Component, … } …`: makes a constant [`Page`] of every component, and `PAGES`, all of them with the
/// names of their parts.
macro_rules! pages {
    ($($part:ident { $($name:ident: $component:path),+ $(,)? })+) => {
        $($(
            const $name: $crate::pages::parts::Page = {
                #[::leptos::wasm_split::wasm_split(
                    $part,
                    wasm_split_path = ::leptos::wasm_split,
                    preload(fetch),
                    fallible
                )]
                #[allow(non_snake_case, reason = "its name marks the place in the module, so it must be the page's own")]
                fn $name() -> Result<AnyView, ::leptos::wasm_split::SplitLoaderError> {
                    #[cfg(feature = "ssr")]
                    $crate::pages::parts::ask_for(stringify!($part));
                    Ok($component().into_any())
                }
                $crate::pages::parts::Page { fetch: || Box::pin(fetch()), show: || Box::pin($name()) }
            };
        )+)+

        const PAGES: &[(&str, $crate::pages::parts::Page)] = &[$($((stringify!($part), $name)),+),+];
    };
}

pub(super) use pages;
