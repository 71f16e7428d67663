//! Who is behind an object id or an app id: what Microsoft Graph is asked before roles are shown or given.

use domain::{
    access::PrincipalKind,
    actor::{Actor, Permission},
    ids::{AppId, PrincipalId},
};

use crate::{Control, Error};

/// Somebody who may have roles.
#[derive(Clone, Debug)]
pub struct DirectoryEntry {
    /// The object id.
    pub id: PrincipalId,
    /// What it is.
    pub kind: PrincipalKind,
    /// Its name.
    pub name: String,
    /// What a program signs in as.
    pub app_id: Option<AppId>,
}

impl Control {
    /// Those of these object ids that there are.
    pub async fn directory_by_ids(&self, actor: &Actor, ids: &[PrincipalId]) -> Result<Vec<DirectoryEntry>, Error> {
        actor.require_somewhere(Permission::Read)?;
        let mut conn = self.inner.store.read().await?;
        let mut found = Vec::new();
        for id in ids {
            let app_id = conn.service_principal_get(*id).await?.map(|row| row.principal.app_id);
            if let Some((kind, name)) = self.find_principal(&mut conn, *id).await? {
                found.push(DirectoryEntry { id: *id, kind, name, app_id });
            }
        }
        Ok(found)
    }

    /// The service principal that signs in as this app.
    pub async fn directory_by_app(&self, actor: &Actor, app: AppId) -> Result<Option<DirectoryEntry>, Error> {
        actor.require_somewhere(Permission::Read)?;
        let row = self.inner.store.read().await?.service_principal_by_app(app).await?;
        Ok(row.map(|row| DirectoryEntry {
            id: row.principal.id,
            kind: PrincipalKind::ServicePrincipal,
            name: row.principal.name,
            app_id: Some(row.principal.app_id),
        }))
    }
}
