//! Whether somebody may look at, withdraw or repeat one machine's part of an operation.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
};
use store::{Conn, TargetRow};

use crate::{Control, Error};

impl Control {
    /// Why `actor` does not have `permission` on the machine of this part; `None`: has it. What was done to a machine that
    /// is gone concerns those who have it everywhere.
    pub(crate) async fn refusal_on_target(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        permission: Permission,
        row: &TargetRow,
    ) -> Result<Option<Fault>, Error> {
        if actor.may(permission) {
            return Ok(None);
        }
        let may = match conn.vm_get(row.target.vm_id).await? {
            Some(vm) => actor.require_on(permission, &vm),
            None => actor.require(permission),
        };
        Ok(may.err())
    }

    /// Error: `AuthorizationFailed` unless `actor` may look at this part.
    pub(crate) async fn require_read_of(&self, conn: &mut Conn, actor: &Actor, row: &TargetRow) -> Result<(), Error> {
        match self.refusal_on_target(conn, actor, Permission::Read, row).await? {
            Some(fault) => Err(fault.into()),
            None => Ok(()),
        }
    }
}
