//! For whom a token is made: this server's API, under the names that clients have for it.

use crate::Control;

/// Names of Azure's own API, which clients ask tokens for when nobody told them another name.
const AZURE: [&str; 2] = ["https://management.azure.com", "https://management.core.windows.net"];

impl Control {
    /// `asked` without its trailing slashes, if it means this server's API. `origin`: scheme and authority of the request.
    pub(super) fn own_audience(&self, asked: &str, origin: &str) -> Option<String> {
        let asked = asked.trim().trim_end_matches('/');
        let config = &self.inner.config;
        let own = [origin, &config.server_url, config.api_url.as_deref().unwrap_or_default()];
        let mut names = own.into_iter().chain(AZURE).map(|name| name.trim_end_matches('/')).filter(|n| !n.is_empty());
        names.any(|name| name.eq_ignore_ascii_case(asked)).then(|| asked.to_owned())
    }
}
