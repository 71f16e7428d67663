//! Machines as ARM's clients register, change and remove them.

use std::collections::BTreeMap;

use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    etag::Conditions,
    fault::{Fault, FaultKind},
    ids::OperationId,
    live::Topic,
    name::{Location, ResourceGroupName, VmName},
    vm::{PowerAction, PowerState, Vm, check_tags},
};

use crate::{Control, Error, VmPlace, operations::driver::Touched};

/// What a caller says of a machine; what is `None` was not said.
#[derive(Clone, Debug, Default)]
pub struct VmWords {
    /// Where it is, as a label.
    pub location: Option<Location>,
    /// Free labels.
    pub tags: Option<BTreeMap<String, String>>,
    /// `linuxConfiguration.provisionVMAgent`.
    pub provision_guest_agent: Option<bool>,
    /// `osProfile.allowExtensionOperations`.
    pub allow_extension_operations: Option<bool>,
}

/// A request on a machine that was accepted.
#[derive(Clone, Debug)]
pub struct Accepted<T> {
    /// The thing as it is now.
    pub now: T,
    /// True when it was not there before.
    pub made: bool,
    /// What to follow.
    pub operation: OperationId,
}

impl Control {
    /// Registers a machine, or replaces what is said of one that is there.
    ///
    /// Errors: `ResourceGroupNotFound`, `PreconditionFailed`, `InvalidParameter`, `PropertyChangeNotAllowed`.
    pub async fn vm_put(
        &self,
        actor: &Actor,
        place: &VmPlace,
        words: VmWords,
        conditions: &Conditions,
    ) -> Result<Accepted<Vm>, Error> {
        let group: ResourceGroupName = place.group.parse().map_err(|f: Fault| f.at("resourceGroupName"))?;
        let name: VmName = place.vm.parse().map_err(|f: Fault| f.at("vmName"))?;
        let begun = self.now();
        let mut tx = self.inner.store.begin().await?;
        let found = tx.vm_by_name(&group, &name).await?;
        let before = match found {
            Some(vm) => vm,
            None => {
                actor.require_in(Permission::ManageMachines, &group)?;
                let group = self.group_of(&mut tx, &group).await?;
                conditions.check(None)?;
                let vm = self.new_registered(group.name, name, words)?;
                tx.vm_insert(&vm, None).await?;
                self.note(&mut tx, actor, "registered the machine", Some(&vm), Outcome::Succeeded, None).await?;
                let operation = self.settle_in(&mut tx, begun).await?;
                self.commit(tx, touched(&vm)).await?;
                return Ok(Accepted { now: vm, made: true, operation });
            }
        };
        actor.require_on(Permission::ManageMachines, &before)?;
        conditions.check(Some(before.generation))?;
        let words = VmWords { tags: Some(words.tags.unwrap_or_default()), ..words };
        self.change_vm(tx, actor, before, words).await
    }

    /// Changes what is given and leaves the rest.
    ///
    /// Errors: as [`Self::vm_put`], and `ResourceNotFound`.
    pub async fn vm_patch(
        &self,
        actor: &Actor,
        place: &VmPlace,
        words: VmWords,
        conditions: &Conditions,
    ) -> Result<Accepted<Vm>, Error> {
        let permission = match words {
            VmWords { allow_extension_operations: None, provision_guest_agent: None, .. } => Permission::ChangeMachines,
            _ => Permission::ManageMachines,
        };
        let mut tx = self.inner.store.begin().await?;
        let before = self.vm_at(&mut tx, actor, permission, place).await?;
        conditions.check(Some(before.generation))?;
        self.change_vm(tx, actor, before, words).await
    }

    /// Decommissions a machine; `None` when there is none of this name.
    ///
    /// Errors: `AuthorizationFailed`, `LabFailed`.
    pub async fn vm_remove(&self, actor: &Actor, place: &VmPlace) -> Result<Option<OperationId>, Error> {
        let begun = self.now();
        let found = {
            let mut conn = self.inner.store.read().await?;
            self.vm_at(&mut conn, actor, Permission::ManageMachines, place).await
        };
        match found {
            Ok(vm) => self.delete_vm(actor, vm.id).await?,
            Err(error) if error.fault().kind == FaultKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        self.settle(begun).await.map(Some)
    }

    /// Sees to it that a machine is on or off; being so already is success, a restart is one.
    ///
    /// Errors: `OperationNotAllowed` where Annex does not control the power, or while it changes.
    pub async fn power_at(&self, actor: &Actor, place: &VmPlace, action: PowerAction) -> Result<OperationId, Error> {
        let vm = {
            let mut conn = self.inner.store.read().await?;
            self.vm_at(&mut conn, actor, Permission::ChangeMachines, place).await?
        };
        let so_already = matches!(
            (action, vm.power),
            (PowerAction::Start, PowerState::Running) | (PowerAction::Stop, PowerState::Stopped)
        );
        match so_already {
            true => self.settle(self.now()).await,
            false => self.power(actor, vm.id, action).await,
        }
    }

    /// Makes the machine's agent read its goal state once more (ARM's `reapply`).
    pub async fn reapply(&self, actor: &Actor, place: &VmPlace) -> Result<OperationId, Error> {
        let begun = self.now();
        let mut tx = self.inner.store.begin().await?;
        let vm = self.vm_at(&mut tx, actor, Permission::ChangeMachines, place).await?;
        let incarnation = tx.goal_state_raise(vm.id, begun).await?;
        self.note(&mut tx, actor, "reapplied the goal state", Some(&vm), Outcome::Succeeded, None).await?;
        let operation = self.settle_in(&mut tx, begun).await?;
        let mut touched = touched(&vm);
        touched.goal_state(vm.id, incarnation);
        self.commit(tx, touched).await?;
        Ok(operation)
    }

    fn new_registered(&self, group: ResourceGroupName, name: VmName, words: VmWords) -> Result<Vm, Fault> {
        let tags = words.tags.unwrap_or_default();
        check_tags(&tags)?;
        // ARM's rules: an agent is there unless it is said that none is, and then nothing can be put on the machine
        let agent = words.provision_guest_agent.unwrap_or(true);
        if !agent && words.allow_extension_operations == Some(true) {
            return Err(Fault::invalid(
                "osProfile.allowExtensionOperations",
                "Extension operations need an agent. Leave allowExtensionOperations out, or set provisionVMAgent to true.",
            ));
        }
        Ok(Vm {
            resource_group: group,
            name,
            location: words.location.unwrap_or_else(Location::usual),
            tags,
            provision_guest_agent: agent,
            allow_extension_operations: words.allow_extension_operations.unwrap_or(agent),
            ..self.new_external()
        })
    }

    async fn change_vm(
        &self,
        mut tx: store::Tx,
        actor: &Actor,
        before: Vm,
        words: VmWords,
    ) -> Result<Accepted<Vm>, Error> {
        let begun = self.now();
        let refuse = |code: &str, target: &str, message: String| {
            Err(Error::from(Fault::new(FaultKind::Conflict, code, message).at(target)))
        };
        if let Some(location) = words.location
            && location != before.location
        {
            let message = format!(
                "{} is registered with the location '{}'; a location is never changed. Name that one.",
                before.name, before.location
            );
            return refuse("InvalidResourceLocation", "location", message);
        }
        if words.provision_guest_agent.is_some_and(|agent| agent != before.provision_guest_agent) {
            let message = format!(
                "Changing property 'osProfile.linuxConfiguration.provisionVMAgent' of {} is not allowed here: it follows from the agent that enrols. Its page in the portal has the way to add one.",
                before.name
            );
            return refuse("PropertyChangeNotAllowed", "osProfile.linuxConfiguration.provisionVMAgent", message);
        }
        let mut vm = before.clone();
        if let Some(tags) = words.tags {
            check_tags(&tags)?;
            vm.tags = tags;
        }
        if let Some(allowed) = words.allow_extension_operations {
            vm.allow_extension_operations = allowed;
        }
        if vm != before {
            tx.vm_update(&vm).await?;
            vm.generation = vm.generation.next();
            self.note(&mut tx, actor, "changed the machine", Some(&vm), Outcome::Succeeded, None).await?;
        }
        let operation = self.settle_in(&mut tx, begun).await?;
        self.commit(tx, touched(&vm)).await?;
        Ok(Accepted { now: vm, made: false, operation })
    }
}

fn touched(vm: &Vm) -> Touched {
    let mut touched = Touched::default();
    touched.vm(vm.id);
    touched.topic(Topic::Activity);
    touched
}
