//! What programs call this installation.

use domain::{
    access::Installation,
    ids::{SubscriptionId, TenantId},
};
use uuid::Uuid;

use crate::{Control, Error};

const TENANT: &str = "installation.tenant";
const SUBSCRIPTION: &str = "installation.subscription";

impl Control {
    /// The ids of this installation: made once, the same in every process on its database, read once in each.
    pub async fn installation(&self) -> Result<Installation, Error> {
        self.inner.installation.get_or_try_init(|| self.find_installation()).await.copied()
    }

    async fn find_installation(&self) -> Result<Installation, Error> {
        // reading comes first: it works on a disk that is full
        let kept = {
            let mut conn = self.inner.store.read().await?;
            (conn.server_setting_get(TENANT).await?, conn.server_setting_get(SUBSCRIPTION).await?)
        };
        let (tenant, subscription) = match kept {
            (Some(tenant), Some(subscription)) => (tenant, subscription),
            _ => self.make_installation().await?,
        };
        Ok(Installation {
            tenant_id: TenantId::new(read(TENANT, &tenant)?),
            subscription_id: SubscriptionId::new(read(SUBSCRIPTION, &subscription)?),
        })
    }

    async fn make_installation(&self) -> Result<(String, String), Error> {
        let mut tx = self.inner.store.begin().await?;
        // random ones: ids that sort by time would tell when the installation was made
        let fresh = || {
            let mut bytes = [0; 16];
            self.inner.context.ids.random(&mut bytes);
            uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
        };
        let tenant = tx.server_setting_once(TENANT, &fresh()).await?;
        let subscription = tx.server_setting_once(SUBSCRIPTION, &fresh()).await?;
        tx.commit().await?;
        Ok((tenant, subscription))
    }
}

fn read(name: &str, text: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|why| Error::internal(&format!("the server setting {name}"), &why))
}
