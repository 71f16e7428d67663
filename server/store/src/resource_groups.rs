//! Resource groups. A group is there as soon as a machine is in it, or somebody made it.

use domain::{
    generation::Generation, name::ResourceGroupName, resource_group::ResourceGroup, scope::Scope, timestamp::Timestamp,
};
use sqlx::any::AnyRow;

use crate::{
    Conn, Error,
    row::{Reader, to_json},
};

macro_rules! select {
    ($tail:literal) => {
        concat!("select group_key, name, location, tags, created_at, generation from resource_groups ", $tail)
    };
}

fn read(row: &AnyRow) -> Result<ResourceGroup, Error> {
    let r = Reader::new(row, "resource_groups", "group_key");
    Ok(ResourceGroup {
        name: r.parse("name")?,
        location: r.parse("location")?,
        tags: r.json("tags")?,
        created_at: r.time("created_at")?,
        generation: Generation::new(r.int("generation")?),
    })
}

fn key(name: &ResourceGroupName) -> String {
    name.as_str().to_lowercase()
}

impl Conn {
    /// All groups by name.
    pub async fn resource_group_list(&mut self) -> Result<Vec<ResourceGroup>, Error> {
        let rows = sqlx::query(select!("order by group_key")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// The group of this name, without regard to case.
    pub async fn resource_group_get(&mut self, name: &ResourceGroupName) -> Result<Option<ResourceGroup>, Error> {
        let row = sqlx::query(select!("where group_key = $1")).bind(key(name)).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// A new group; nothing happens when there is one of this name.
    pub async fn resource_group_ensure(&mut self, group: &ResourceGroup) -> Result<(), Error> {
        sqlx::query(
            "insert into resource_groups (group_key, name, location, tags, created_at, generation) \
             values ($1, $2, $3, $4, $5, $6) on conflict (group_key) do nothing",
        )
        .bind(key(&group.name))
        .bind(group.name.to_string())
        .bind(group.location.to_string())
        .bind(to_json(&group.tags))
        .bind(group.created_at.millis())
        .bind(group.generation.get())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Writes the tags of a group; compare-and-set. Error: [`Error::Stale`].
    pub async fn resource_group_update(&mut self, group: &ResourceGroup) -> Result<(), Error> {
        let done = sqlx::query(
            "update resource_groups set tags = $2, generation = generation + 1 where group_key = $1 and generation = $3",
        )
        .bind(key(&group.name))
        .bind(to_json(&group.tags))
        .bind(group.generation.get())
        .execute(self.db())
        .await?;
        match done.rows_affected() {
            0 => Err(Error::Stale { table: "resource_groups", id: key(&group.name) }),
            _ => Ok(()),
        }
    }

    /// Forgets a group that has no machines, with the roles that were given in it; false when it has.
    pub async fn resource_group_delete(&mut self, name: &ResourceGroupName) -> Result<bool, Error> {
        let done = sqlx::query(
            "delete from resource_groups where group_key = $1 and not exists (select 1 from vms where vms.group_key = $1)",
        )
        .bind(key(name))
        .execute(self.db())
        .await?;
        let gone = done.rows_affected() > 0;
        if gone {
            self.role_assignment_delete_at(&Scope::ResourceGroup(name.clone())).await?;
        }
        Ok(gone)
    }

    /// The group that a machine made now belongs to.
    pub(crate) async fn resource_group_of_new(
        &mut self,
        name: &ResourceGroupName,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.resource_group_ensure(&ResourceGroup {
            name: name.clone(),
            location: domain::name::Location::usual(),
            tags: Default::default(),
            created_at: now,
            generation: Generation::default(),
        })
        .await
    }
}
