//! Which processes showed a machine's credential: what tells a restart from a copy.

use domain::{agent_copy::Holder, ids::VmId, timestamp::Timestamp};

use crate::{Conn, Error, row::Reader};

/// Holders that are remembered for each machine. A copy of one that was forgotten is a new one.
const KEPT: i64 = 30;

impl Conn {
    /// The holders of a machine's credential, oldest first.
    pub async fn agent_holders(&mut self, vm: VmId) -> Result<Vec<Holder>, Error> {
        let rows = sqlx::query("select holder, refused from agent_holders where vm_id = $1 order by first_at, holder")
            .bind(vm.to_string())
            .fetch_all(self.db())
            .await?;
        let read = |row| {
            let r = Reader::new(row, "agent_holders", "holder");
            Ok(Holder { name: r.text("holder")?, refused: r.flag("refused")? })
        };
        rows.iter().map(read).collect()
    }

    /// A holder that was not there before. Those beyond the limit are forgotten, oldest first.
    pub async fn agent_holder_add(&mut self, vm: VmId, holder: &Holder, at: Timestamp) -> Result<(), Error> {
        // two may come within one millisecond, or with a clock that was set back: the order is that of their coming
        sqlx::query(
            "insert into agent_holders (vm_id, holder, first_at, refused) \
             values ($1, $2, (select case when coalesce(max(first_at), 0) >= $3 then max(first_at) + 1 else $3 end \
             from agent_holders where vm_id = $1), $4)",
        )
        .bind(vm.to_string())
        .bind(holder.name.clone())
        .bind(at.millis())
        .bind(i64::from(holder.refused))
        .execute(self.db())
        .await?;
        sqlx::query(
            "delete from agent_holders where vm_id = $1 and first_at <= \
             (select first_at from agent_holders where vm_id = $1 order by first_at desc limit 1 offset $2)",
        )
        .bind(vm.to_string())
        .bind(KEPT)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// A holder was found to be a copy.
    pub async fn agent_holder_refuse(&mut self, vm: VmId, holder: &str) -> Result<(), Error> {
        sqlx::query("update agent_holders set refused = 1 where vm_id = $1 and holder = $2")
            .bind(vm.to_string())
            .bind(holder.to_owned())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// A new credential begins with nobody.
    pub(crate) async fn agent_holders_forget(&mut self, vm: VmId) -> Result<(), Error> {
        sqlx::query("delete from agent_holders where vm_id = $1").bind(vm.to_string()).execute(self.db()).await?;
        Ok(())
    }
}
