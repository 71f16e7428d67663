//! Finding service principals, and whom a role can be given to.

use domain::{
    access::PrincipalKind,
    fault::{Fault, FaultKind},
    ids::{AccountId, PrincipalId, VmId},
};
use store::{Conn, ServicePrincipalRow};

use crate::{Control, Error};

impl Control {
    /// A service principal. Error: `ResourceNotFound`.
    pub(crate) async fn principal_of(&self, conn: &mut Conn, id: PrincipalId) -> Result<ServicePrincipalRow, Error> {
        let found = conn.service_principal_get(id).await?;
        found.ok_or_else(|| Fault::not_found("There is no such service principal; it may have been deleted.").into())
    }

    /// What has this object id, and its name; `None`: nothing.
    pub(crate) async fn find_principal(
        &self,
        conn: &mut Conn,
        id: PrincipalId,
    ) -> Result<Option<(PrincipalKind, String)>, Error> {
        if let Some(row) = conn.service_principal_get(id).await? {
            return Ok(Some((PrincipalKind::ServicePrincipal, row.principal.name)));
        }
        if let Some(row) = conn.account_get(AccountId::new(id.uuid())).await? {
            return Ok(Some((PrincipalKind::User, row.account.name)));
        }
        let vm = conn.vm_get(VmId::new(id.uuid())).await?;
        Ok(vm.map(|vm| (PrincipalKind::Machine, vm.name.to_string())))
    }

    /// [`Self::find_principal`]. Error: `PrincipalNotFound`, as Azure says it.
    pub(crate) async fn known_principal(
        &self,
        conn: &mut Conn,
        id: PrincipalId,
    ) -> Result<(PrincipalKind, String), Error> {
        self.find_principal(conn, id).await?.ok_or_else(|| {
            let message = format!("There is no account, service principal or machine with the object id {id}.");
            Fault::new(FaultKind::Invalid, "PrincipalNotFound", message).at("principal").into()
        })
    }
}
