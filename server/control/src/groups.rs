//! Resource groups.

use std::collections::BTreeMap;

use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    fault::{Fault, FaultKind},
    generation::Generation,
    ids::OperationId,
    live::Topic,
    name::{Location, ResourceGroupName},
    resource_group::ResourceGroup,
    vm::check_tags,
};

use crate::{Control, Error, by_name::no_group, operations::driver::Touched};

/// Most machines that are read at a time.
const SOME: u32 = 200;

impl Control {
    /// The groups that `actor` may look at, by name.
    pub async fn group_list(&self, actor: &Actor) -> Result<Vec<ResourceGroup>, Error> {
        let mut groups = self.inner.store.read().await?.resource_group_list().await?;
        groups.retain(|group| actor.may_in(Permission::Read, &group.name));
        Ok(groups)
    }

    /// One group. Errors: `AuthorizationFailed`, `ResourceGroupNotFound`.
    pub async fn group_get(&self, actor: &Actor, name: &str) -> Result<ResourceGroup, Error> {
        let Ok(name) = name.parse::<ResourceGroupName>() else {
            actor.require(Permission::Read)?;
            return Err(no_group(name).into());
        };
        actor.require_in(Permission::Read, &name)?;
        self.group_of(&mut self.inner.store.read().await?, &name).await
    }

    /// Makes a group, or replaces the tags of one that is there; true when it was made.
    ///
    /// Errors: `LocationRequired`; `InvalidResourceGroupLocation` when it is there with another location; `InvalidParameter`.
    pub async fn group_put(
        &self,
        actor: &Actor,
        name: &str,
        location: Option<Location>,
        tags: BTreeMap<String, String>,
    ) -> Result<(ResourceGroup, bool), Error> {
        let name: ResourceGroupName = name.parse().map_err(|fault: Fault| fault.at("resourceGroupName"))?;
        actor.require_in(Permission::ManageGroups, &name)?;
        let location = location.ok_or_else(|| {
            let message = "The location property is required for this definition. Name one, for example annex.";
            Fault { code: "LocationRequired".into(), ..Fault::invalid("location", message) }
        })?;
        check_tags(&tags)?;
        let mut tx = self.inner.store.begin().await?;
        let found = tx.resource_group_get(&name).await?;
        let made = found.is_none();
        let group = match found {
            None => {
                let created_at = self.now();
                let group = ResourceGroup { name, location, tags, created_at, generation: Generation::default() };
                tx.resource_group_ensure(&group).await?;
                group
            }
            Some(group) if group.location != location => {
                return Err(Fault::new(
                    FaultKind::Conflict,
                    "InvalidResourceGroupLocation",
                    format!(
                        "The resource group '{}' is there already, with the location '{}'; a location is never changed. Name that one.",
                        group.name, group.location
                    ),
                )
                .at("location")
                .into());
            }
            Some(group) => {
                let group = ResourceGroup { tags, ..group };
                tx.resource_group_update(&group).await?;
                group
            }
        };
        let action = if made { "made" } else { "changed the tags of" };
        let action = format!("{action} the resource group {}", group.name);
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, None).await?;
        self.commit(tx, touched()).await?;
        Ok((group, made))
    }

    /// Replaces the tags of a group; without any, everything stays.
    pub async fn group_patch(
        &self,
        actor: &Actor,
        name: &str,
        tags: Option<BTreeMap<String, String>>,
    ) -> Result<ResourceGroup, Error> {
        let Ok(name) = name.parse::<ResourceGroupName>() else {
            actor.require(Permission::ManageGroups)?;
            return Err(no_group(name).into());
        };
        actor.require_in(Permission::ManageGroups, &name)?;
        let mut tx = self.inner.store.begin().await?;
        let mut group = self.group_of(&mut tx, &name).await?;
        let Some(tags) = tags else { return Ok(group) };
        check_tags(&tags)?;
        group.tags = tags;
        tx.resource_group_update(&group).await?;
        let action = format!("changed the tags of the resource group {}", group.name);
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, None).await?;
        self.commit(tx, touched()).await?;
        Ok(group)
    }

    /// Decommissions every machine of a group, then forgets it.
    ///
    /// Errors: `ResourceGroupNotFound`; those of decommissioning: machines before the one that failed are gone then, and the
    /// same request goes on.
    pub async fn group_delete(&self, actor: &Actor, name: &str) -> Result<OperationId, Error> {
        let begun = self.now();
        let Ok(name) = name.parse::<ResourceGroupName>() else {
            actor.require(Permission::ManageGroups)?;
            return Err(no_group(name).into());
        };
        actor.require_in(Permission::ManageGroups, &name)?;
        if self.inner.store.read().await?.resource_group_get(&name).await?.is_none() {
            return Err(no_group(name.as_str()).into());
        }
        loop {
            let machines = self.inner.store.read().await?.vm_after(Some(&name), ("", ""), SOME).await?;
            for vm in machines {
                self.delete_vm(actor, vm.id).await?;
            }
            let mut tx = self.inner.store.begin().await?;
            // a machine that came meanwhile goes as well
            if tx.resource_group_delete(&name).await? || tx.resource_group_get(&name).await?.is_none() {
                let action = format!("deleted the resource group {name}");
                self.note(&mut tx, actor, &action, None, Outcome::Succeeded, None).await?;
                let id = self.settle_in(&mut tx, begun).await?;
                self.commit(tx, touched()).await?;
                return Ok(id);
            }
        }
    }
}

fn touched() -> Touched {
    let mut touched = Touched::default();
    touched.topic(Topic::Vms);
    touched.topic(Topic::Activity);
    touched
}
