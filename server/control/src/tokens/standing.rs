//! Whom a token stands for, as it is now.

use std::sync::Arc;

use domain::{
    actor::Actor,
    ids::{PrincipalId, SecretId, VmId},
    scope::Grant,
    timestamp::Timestamp,
};
use store::Conn;

use super::claims::Claims;
use crate::{Control, Error};

/// A service principal or a machine that may use tokens.
#[derive(Debug)]
pub(crate) struct Standing {
    /// As the activity log names it.
    pub(super) name: String,
    /// Tokens that were made for another stamp are void.
    pub(super) stamp: Timestamp,
    /// Tokens that were got with another secret are void.
    pub(super) secrets: Vec<SecretId>,
    /// What it may do.
    grants: Vec<Grant>,
}

impl Standing {
    /// Is it the state that the token was made for?
    pub(super) fn holds(&self, claims: &Claims) -> bool {
        self.stamp.millis() == claims.annex_stamp
            && claims.annex_secret.is_none_or(|secret| self.secrets.contains(&secret))
    }

    /// Who asks.
    pub(super) fn actor(&self, principal: PrincipalId) -> Actor {
        Actor { account: None, principal: Some(principal), name: self.name.clone(), grants: self.grants.clone() }
    }
}

impl Control {
    /// The standing of a principal; `None`: it may not use tokens (disabled, gone, not enrolled).
    pub(super) async fn bearer_standing(&self, id: PrincipalId) -> Result<Arc<Option<Standing>>, Error> {
        let store = &self.inner.store;
        self.inner.standings.get(store, &id, || async { self.read_standing(&mut store.read().await?, id).await }).await
    }

    async fn read_standing(&self, conn: &mut Conn, id: PrincipalId) -> Result<Option<Standing>, Error> {
        let (name, stamp, secrets) = match conn.service_principal_get(id).await? {
            Some(row) if !row.principal.enabled => return Ok(None),
            Some(row) => {
                let secrets = row.principal.secrets.iter().map(|note| note.id).collect();
                (row.principal.actor_name(), row.changed_at, secrets)
            }
            None => match conn.vm_get(VmId::new(id.uuid())).await? {
                Some(vm) => match &vm.agent {
                    Some(agent) => (format!("{} (machine)", vm.name), agent.enrolled_at, Vec::new()),
                    None => return Ok(None),
                },
                None => return Ok(None),
            },
        };
        let grants = self.grants_of(conn, id).await?;
        Ok(Some(Standing { name, stamp, secrets, grants }))
    }

    /// The roles that were given to a principal.
    pub(crate) async fn grants_of(&self, conn: &mut Conn, id: PrincipalId) -> Result<Vec<Grant>, Error> {
        Ok(conn.role_assignment_list_of(id).await?.into_iter().map(|row| row.grant).collect())
    }
}
