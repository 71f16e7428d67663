//! What every handler can reach. Cheap to clone.

use std::{collections::HashSet, sync::Arc};

use axum::extract::FromRef;
use control::Control;
use leptos::config::LeptosOptions;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::{config::Config, figures::Figures, rest::Rendered};

/// What a server is made of.
#[derive(Clone)]
pub struct Parts {
    /// The use cases.
    pub control: Control,
    /// For the session layer only: everything else goes through `control`.
    pub store: Store,
    /// Ends held requests and event streams.
    pub shutdown: CancellationToken,
}

/// What every handler can reach.
#[derive(Clone)]
pub struct AppState {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    config: Config,
    figures: Figures,
    rendered: Rendered,
    leptos: LeptosOptions,
    public_files: HashSet<String>,
    stylesheet: Option<String>,
}

impl AppState {
    /// Puts the parts together. `public_files`: paths of files that everybody may fetch; `stylesheet`: the path of the
    /// portal's.
    #[must_use]
    pub fn new(
        config: Config,
        parts: Parts,
        leptos: LeptosOptions,
        public_files: HashSet<String>,
        stylesheet: Option<String>,
    ) -> Self {
        let (figures, rendered) = (Figures::default(), Rendered::default());
        Self { inner: Arc::new(Inner { parts, config, figures, rendered, leptos, public_files, stylesheet }) }
    }

    /// The path of the portal's stylesheet.
    #[must_use]
    pub fn stylesheet(&self) -> Option<&str> {
        self.inner.stylesheet.as_deref()
    }

    /// The use cases.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.inner.parts.control
    }

    /// The database, for sessions.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.parts.store
    }

    /// How the portal is served.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Counters of this process.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.inner.figures
    }

    /// Documents that programs ask for again and again.
    #[must_use]
    pub fn rendered(&self) -> &Rendered {
        &self.inner.rendered
    }

    /// Cancelled when the server is to stop.
    #[must_use]
    pub fn shutdown(&self) -> &CancellationToken {
        &self.inner.parts.shutdown
    }

    /// Whether `path` is a public file of the site.
    #[must_use]
    pub fn is_public_file(&self, path: &str) -> bool {
        self.inner.public_files.contains(path)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.inner.leptos.clone()
    }
}
