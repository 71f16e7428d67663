//! Where programs reach this portal: address and subscription.

use domain::show_as::ApiPlace;

use crate::{Control, Error};

/// Where the API listens unless it is said otherwise: bearer tokens go over TLS only.
const LOCAL_API: &str = "https://localhost:8443";

impl Control {
    /// The address of the API, and the subscription id.
    ///
    /// Errors: `Unavailable`.
    pub async fn api_place(&self) -> Result<ApiPlace, Error> {
        let subscription_id = self.installation().await?.subscription_id.to_string();
        let config = &self.inner.config;
        let server = Some(config.server_url.trim_end_matches('/')).filter(|url| url.starts_with("https://"));
        let url = config.api_url.as_deref().or(server).unwrap_or(LOCAL_API);
        Ok(ApiPlace { url: url.to_owned(), subscription_id })
    }
}
