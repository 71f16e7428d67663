//! Machines.

use domain::{
    generation::{Generation, Incarnation},
    guest_agent::{AgentKind, AgentSaid, GuestAgent, Refusal},
    ids::{PrincipalId, VmId},
    name::{ResourceGroupName, VmName},
    page::{Page, PageRequest},
    scope::Scope,
    timestamp::Timestamp,
    vm::{MachineKind, PowerState, Vm, VmFilter},
};
use sqlx::any::AnyRow;

use crate::{
    Conn, Error,
    health::{at_work, health_word, limits, not_responding},
    row::{Reader, count, like, to_json},
};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select v.id, v.name, v.resource_group, v.location, v.kind, v.power, v.os, v.architecture, v.hostname, v.tags, \
             v.allow_extension_operations, v.provision_guest_agent, v.outside_network, v.isolation, v.incarnation, v.created_at, v.generation, \
             a.kind as agent_kind, a.version as agent_version, a.enrolled_at, a.last_contact_at, a.last_status_at, \
             a.fetched_incarnation, a.reported_incarnation, a.relay_version, a.holder_since, a.agent_fetched_at, \
             a.agent_reported_at, a.next_poll_ms, a.process_runs, a.process_since, a.clock_skew_ms, a.refused_at, \
             a.refusal, ",
            at_work!(),
            " as at_work, a.told_health from vms v left join guest_agents a on a.vm_id = v.id ",
            $tail
        )
    };
}

// $1 text pattern, $2 health word or '', $3 to $5 the limits of health, $6 1: failed only
macro_rules! filtered {
    () => {
        concat!(
            "where v.search_text like $1 escape '\\' and ($2 = '' or $2 = ",
            health_word!("$3", "$4", "$5"),
            ") and ($6 = 0 or exists (select 1 from extensions e where e.vm_id = v.id and e.provisioning_state = 'Failed')) "
        )
    };
}

fn said(r: &Reader<'_>) -> Result<AgentSaid, Error> {
    let process = match (r.int_opt("process_runs")?, r.time_opt("process_since")?) {
        (Some(runs), Some(since)) => Some((runs != 0, since)),
        _ => None,
    };
    let refused = match r.time_opt("refused_at")? {
        Some(at) => Some((r.word("refusal", Refusal::parse)?, at)),
        None => None,
    };
    Ok(AgentSaid {
        holder_since: r.time_opt("holder_since")?,
        fetched_at: r.time_opt("agent_fetched_at")?,
        reported_at: r.time_opt("agent_reported_at")?,
        next_poll_ms: r.int_opt("next_poll_ms")?,
        process,
        clock_skew_ms: r.int_opt("clock_skew_ms")?,
        refused,
    })
}

pub(crate) fn read(row: &AnyRow) -> Result<Vm, Error> {
    let r = Reader::new(row, "vms", "id");
    let agent = match r.text_opt("agent_kind")? {
        None => None,
        Some(_) => Some(GuestAgent {
            kind: r.word("agent_kind", AgentKind::parse)?,
            version: r.text("agent_version")?,
            enrolled_at: r.time("enrolled_at")?,
            last_contact_at: r.time_opt("last_contact_at")?,
            last_status_at: r.time_opt("last_status_at")?,
            fetched_incarnation: r.int_opt("fetched_incarnation")?.map(Incarnation::new),
            reported_incarnation: r.int_opt("reported_incarnation")?.map(Incarnation::new),
            relay_version: r.text_opt("relay_version")?,
            said: said(&r)?,
            at_work: r.flag("at_work")?,
        }),
    };
    Ok(Vm {
        id: r.parse("id")?,
        name: r.parse("name")?,
        resource_group: r.parse("resource_group")?,
        location: r.parse("location")?,
        kind: r.word("kind", MachineKind::parse)?,
        power: r.word("power", PowerState::parse)?,
        os: r.json_opt("os")?,
        architecture: r.text_opt("architecture")?,
        hostname: r.text_opt("hostname")?,
        tags: r.json("tags")?,
        allow_extension_operations: r.flag("allow_extension_operations")?,
        provision_guest_agent: r.flag("provision_guest_agent")?,
        outside_network: r.flag("outside_network")?,
        isolation: r.text_opt("isolation")?,
        agent,
        incarnation: Incarnation::new(r.int("incarnation")?),
        created_at: r.time("created_at")?,
        generation: Generation::new(r.int("generation")?),
    })
}

/// What the filter's text is looked for in: name, group, system and tags, lower case.
fn search_text(vm: &Vm) -> String {
    let system = vm.os.as_ref().map(|os| os.pretty_name.as_str()).unwrap_or_default();
    let tags: Vec<String> = vm.tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
    format!("{} {} {} {}", vm.name, vm.resource_group, system, tags.join(" ")).to_lowercase()
}

impl Conn {
    /// One machine.
    pub async fn vm_get(&mut self, id: VmId) -> Result<Option<Vm>, Error> {
        let row = sqlx::query(select!("where v.id = $1")).bind(id.to_string()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// The machine of this name in this group, without regard to case.
    pub async fn vm_by_name(&mut self, group: &ResourceGroupName, name: &VmName) -> Result<Option<Vm>, Error> {
        let row = sqlx::query(select!("where v.group_key = $1 and v.name_key = $2"))
            .bind(group.as_str().to_lowercase())
            .bind(name.as_str().to_lowercase())
            .fetch_optional(self.db())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// All machines by name: for the lab, for "fits n of m", for what is grouped in memory.
    pub async fn vm_all(&mut self) -> Result<Vec<Vm>, Error> {
        let rows = sqlx::query(select!("order by v.name_key, v.id")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// The machines that follow a place (group and name, lower case) in the order of groups and names; of one group or all.
    pub async fn vm_after(
        &mut self,
        group: Option<&ResourceGroupName>,
        after: (&str, &str),
        most: u32,
    ) -> Result<Vec<Vm>, Error> {
        let rows = sqlx::query(select!(
            "where ($1 = '' or v.group_key = $1) and (v.group_key > $2 or (v.group_key = $2 and v.name_key > $3)) \
             order by v.group_key, v.name_key limit $4"
        ))
        .bind(group.map(|g| g.as_str().to_lowercase()).unwrap_or_default())
        .bind(after.0.to_owned())
        .bind(after.1.to_owned())
        .bind(i64::from(most))
        .fetch_all(self.db())
        .await?;
        rows.iter().map(read).collect()
    }

    /// One page of machines.
    pub async fn vm_page(&mut self, filter: &VmFilter, page: PageRequest, now: Timestamp) -> Result<Page<Vm>, Error> {
        let [silent, unasked, unreported] = limits(now);
        macro_rules! bound {
            ($sql:expr) => {
                sqlx::query($sql)
                    .bind(like(&filter.text))
                    .bind(filter.health.map(|h| h.code()).unwrap_or_default())
                    .bind(silent)
                    .bind(unasked)
                    .bind(unreported)
                    .bind(i64::from(filter.failed_only))
            };
        }
        let total: i64 = {
            use sqlx::Row;
            let counted =
                concat!("select count(*) from vms v left join guest_agents a on a.vm_id = v.id ", filtered!());
            bound!(counted).fetch_one(self.db()).await?.try_get(0)?
        };
        let rows = bound!(concat!(
            select!(""),
            filtered!(),
            "order by case when $7 = 'last_seen' then coalesce(a.last_contact_at, 0) when $7 = 'created' then v.created_at end, \
             case when $7 = '-last_seen' then coalesce(a.last_contact_at, 0) when $7 = '-created' then v.created_at end desc, \
             case when $7 = '-name' then v.name_key end desc, v.name_key, v.id limit $8 offset $9"
        ))
        .bind(filter.sort.clone())
        .bind(i64::from(page.size))
        .bind(page.offset())
        .fetch_all(self.db())
        .await?;
        Ok(Page { items: rows.iter().map(read).collect::<Result<_, _>>()?, total: count(total), request: page })
    }

    /// Machines whose health the history has not told as the database knows it, or whose agents are in trouble, which a
    /// process may know better: each with what was told last.
    pub async fn agents_to_tell(&mut self, now: Timestamp) -> Result<Vec<(Vm, String)>, Error> {
        let [silent, unasked, unreported] = limits(now);
        let rows = sqlx::query(concat!(
            select!("where a.vm_id is not null and (a.told_health <> "),
            health_word!("$1", "$2", "$3"),
            " or (v.power not in ('stopped', 'stopping') and a.last_contact_at is not null and ",
            not_responding!("$1", "$2", "$3"),
            ")) order by v.id"
        ))
        .bind(silent)
        .bind(unasked)
        .bind(unreported)
        .fetch_all(self.db())
        .await?;
        rows.iter().map(|row| Ok((read(row)?, Reader::new(row, "guest_agents", "id").text("told_health")?))).collect()
    }

    /// Notes the health that the history tells from now on; false when somebody else was first.
    pub async fn agent_told(&mut self, vm: VmId, before: &str, now: &str) -> Result<bool, Error> {
        let done = sqlx::query("update guest_agents set told_health = $3 where vm_id = $1 and told_health = $2")
            .bind(vm.to_string())
            .bind(before.to_owned())
            .bind(now.to_owned())
            .execute(self.db())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// How many machines there are.
    pub async fn vm_count(&mut self) -> Result<u64, Error> {
        let (number,): (i64,) = sqlx::query_as("select count(*) from vms").fetch_one(self.db()).await?;
        Ok(count(number))
    }

    /// A new machine, and its group if that is not there yet. Error: [`Error::Duplicate`] when the name is taken in its group.
    pub async fn vm_insert(&mut self, vm: &Vm, machine_id: Option<&str>) -> Result<(), Error> {
        self.resource_group_of_new(&vm.resource_group, vm.created_at).await?;
        sqlx::query(
            "insert into vms (id, name, name_key, resource_group, group_key, kind, power, os, architecture, hostname, \
             machine_id, tags, search_text, allow_extension_operations, outside_network, isolation, incarnation, \
             goal_state_ticks, created_at, generation, provision_guest_agent, location) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        )
        .bind(vm.id.to_string())
        .bind(vm.name.to_string())
        .bind(vm.name.as_str().to_lowercase())
        .bind(vm.resource_group.to_string())
        .bind(vm.resource_group.as_str().to_lowercase())
        .bind(vm.kind.code())
        .bind(vm.power.code())
        .bind(vm.os.as_ref().map(to_json))
        .bind(vm.architecture.clone())
        .bind(vm.hostname.clone())
        .bind(machine_id.map(str::to_owned))
        .bind(to_json(&vm.tags))
        .bind(search_text(vm))
        .bind(i64::from(vm.allow_extension_operations))
        .bind(i64::from(vm.outside_network))
        .bind(vm.isolation.clone())
        .bind(vm.incarnation.get())
        .bind(vm.created_at.dotnet_ticks())
        .bind(vm.created_at.millis())
        .bind(vm.generation.get())
        .bind(i64::from(vm.provision_guest_agent))
        .bind(vm.location.to_string())
        .execute(self.db())
        .await
        .map_err(|e| Error::or_duplicate(e, "A machine of this name in this resource group"))?;
        Ok(())
    }

    /// Writes everything about a machine but its name, its goal state number and its agent; compare-and-set.
    ///
    /// Error: [`Error::Stale`] when somebody else wrote it since it was read.
    pub async fn vm_update(&mut self, vm: &Vm) -> Result<(), Error> {
        let done = sqlx::query(
            "update vms set power = $2, os = $3, architecture = $4, hostname = $5, tags = $6, search_text = $7, \
             allow_extension_operations = $8, outside_network = $9, isolation = $10, provision_guest_agent = $11, \
             generation = generation + 1 where id = $1 and generation = $12",
        )
        .bind(vm.id.to_string())
        .bind(vm.power.code())
        .bind(vm.os.as_ref().map(to_json))
        .bind(vm.architecture.clone())
        .bind(vm.hostname.clone())
        .bind(to_json(&vm.tags))
        .bind(search_text(vm))
        .bind(i64::from(vm.allow_extension_operations))
        .bind(i64::from(vm.outside_network))
        .bind(vm.isolation.clone())
        .bind(i64::from(vm.provision_guest_agent))
        .bind(vm.generation.get())
        .execute(self.db())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Stale { table: "vms", id: vm.id.to_string() });
        }
        Ok(())
    }

    /// The number and the time stamp (.NET ticks) of the newest goal state.
    pub async fn goal_state_get(&mut self, id: VmId) -> Result<Option<(Incarnation, i64)>, Error> {
        let row: Option<(i64, i64)> = sqlx::query_as("select incarnation, goal_state_ticks from vms where id = $1")
            .bind(id.to_string())
            .fetch_optional(self.db())
            .await?;
        Ok(row.map(|(i, t)| (Incarnation::new(i), t)))
    }

    /// Raises the goal state: number plus one, ticks never back (wire protocol, section 10). Returns the new number.
    pub async fn goal_state_raise(&mut self, id: VmId, now: Timestamp) -> Result<Incarnation, Error> {
        let row: Option<(i64,)> = sqlx::query_as(
            "update vms set incarnation = incarnation + 1, \
             goal_state_ticks = case when goal_state_ticks >= $2 then goal_state_ticks + 1 else $2 end \
             where id = $1 returning incarnation",
        )
        .bind(id.to_string())
        .bind(now.dotnet_ticks())
        .fetch_optional(self.db())
        .await?;
        let (number,) = row.ok_or_else(|| Error::Stale { table: "vms", id: id.to_string() })?;
        Ok(Incarnation::new(number))
    }

    /// Forgets a machine with everything that hangs on it; its operations and activity lines stay.
    pub async fn vm_delete(&mut self, id: VmId) -> Result<(), Error> {
        self.role_assignment_delete_at(&Scope::Vm(id)).await?;
        self.role_assignment_delete_of(PrincipalId::new(id.uuid())).await?;
        let id = id.to_string();
        for statement in [
            "delete from extension_revisions where extension_id in (select id from extensions where vm_id = $1)",
            "delete from extensions where vm_id = $1",
            "delete from guest_agents where vm_id = $1",
            "delete from agent_holders where vm_id = $1",
            "delete from former_credentials where vm_id = $1",
            "delete from agent_events where vm_id = $1",
            "delete from agent_log_chunks where vm_id = $1",
            "delete from agent_logs where vm_id = $1",
            "delete from vms where id = $1",
        ] {
            sqlx::query(statement).bind(id.clone()).execute(self.db()).await?;
        }
        Ok(())
    }
}
