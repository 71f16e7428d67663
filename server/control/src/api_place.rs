//! Where programs reach this portal: address and subscription.

use domain::show_as::ApiPlace;

use crate::{Control, Error};

/// Name of the setting that holds the subscription of this installation.
const SUBSCRIPTION: &str = "installation.subscription-id";
/// Where the API listens when the portal itself is served without TLS: bearer tokens go over TLS only.
const LOCAL_API: &str = "https://localhost:8443";

impl Control {
    /// The address of the API, and the subscription id, which is made when it is first asked for and stays.
    ///
    /// Errors: `Unavailable`.
    pub async fn api_place(&self) -> Result<ApiPlace, Error> {
        let place = self.inner.api_place.get_or_try_init(|| async {
            let mut conn = self.inner.store.read().await?;
            let kept = conn.server_setting_get(SUBSCRIPTION).await?;
            drop(conn);
            let subscription_id = match kept {
                Some(id) => id,
                None => {
                    let mut tx = self.inner.store.begin().await?;
                    let id = tx.server_setting_make(SUBSCRIPTION, &self.new_uuid().to_string()).await?;
                    tx.commit().await?;
                    id
                }
            };
            let url =
                Some(self.inner.config.server_url.trim_end_matches('/')).filter(|url| url.starts_with("https://"));
            Ok::<_, Error>(ApiPlace { url: url.unwrap_or(LOCAL_API).to_owned(), subscription_id })
        });
        place.await.cloned()
    }
}
