//! Ways in that are for people: the portal has its own. Whoever tries them with a client of Azure is told what to do.

use super::{oauth_error::OAuthError, tenant::Tenant};

/// Always a refusal.
pub(super) async fn people(tenant: Tenant) -> OAuthError {
    OAuthError::bad(
        "unauthorized_client",
        format!(
            "People sign in to the portal, at {}. Clients of Azure sign in as a service principal: make one on the portal's Access page, then use az login --service-principal -u APP -p SECRET --tenant {}.",
            tenant.origin, tenant.installation.tenant_id
        ),
    )
}
