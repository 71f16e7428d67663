//! Machines: lists, the machine page, tags, removal.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    agent_trouble::Advice,
    enrolment::{EnrolScript, ImageToken, ImageTokenOrder},
    extension::Extension,
    fault::Fault,
    guest_agent::EnrolmentOffer,
    ids::{ImageTokenId, OperationId, VmId},
    instance_view::vm_view,
    live::Topic,
    operation::Observation,
    page::{Page, PageRequest},
    portal::{LabIsolation, VmCalls},
    timestamp::Timestamp,
    vm::{MachineKind, PowerAction, Vm, VmDetail, VmFilter, VmSummary, check_tags},
};
use serde_json::Value;

use crate::{Control, Error, extensions::view::Surroundings, operations::driver::Touched};

#[async_trait]
impl VmCalls for Control {
    async fn vm_list(&self, actor: &Actor, filter: VmFilter, page: PageRequest) -> Result<Page<VmSummary>, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.vm_page(&filter, page).await?)
    }

    async fn vm_get(&self, actor: &Actor, id: VmId) -> Result<VmDetail, Fault> {
        Ok(self.vm_detail(actor, id).await?)
    }

    async fn vm_instance_view(&self, actor: &Actor, id: VmId) -> Result<Value, Fault> {
        Ok(self.instance_view(actor, id).await?)
    }

    async fn vm_power(&self, actor: &Actor, id: VmId, action: PowerAction) -> Result<OperationId, Fault> {
        Ok(self.power(actor, id, action).await?)
    }

    async fn vm_tags_put(&self, actor: &Actor, id: VmId, tags: BTreeMap<String, String>) -> Result<(), Fault> {
        Ok(self.put_tags(actor, id, tags).await?)
    }

    async fn vm_delete(&self, actor: &Actor, id: VmId) -> Result<(), Fault> {
        Ok(self.delete_vm(actor, id).await?)
    }

    async fn lab_vm_create(&self, actor: &Actor, name: String, outside_network: bool) -> Result<Vm, Fault> {
        Ok(self.create_lab_vm(actor, &name, outside_network).await?)
    }

    async fn lab_vm_network(&self, actor: &Actor, id: VmId, outside: bool) -> Result<(), Fault> {
        Ok(self.set_outside_network(actor, id, outside).await?)
    }

    async fn lab_isolation(&self, actor: &Actor) -> Result<LabIsolation, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.isolation().await?)
    }

    async fn lab_accept_risk(&self, actor: &Actor, accepted: bool) -> Result<(), Fault> {
        Ok(self.accept_risk(actor, accepted).await?)
    }

    async fn enrolment_offer(&self, actor: &Actor, name: String, minutes: u32) -> Result<EnrolmentOffer, Fault> {
        Ok(self.enrolment_offer_make(actor, &name, minutes).await?)
    }

    async fn enrolment_offer_for(&self, actor: &Actor, vm: VmId, minutes: u32) -> Result<EnrolmentOffer, Fault> {
        Ok(self.enrolment_offer_for_machine(actor, vm, minutes).await?)
    }

    async fn enrol_script(&self, actor: &Actor, script: EnrolScript) -> Result<String, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.script(script).await?)
    }

    async fn vm_register(&self, actor: &Actor, name: String) -> Result<Vm, Fault> {
        Ok(self.register_vm(actor, &name).await?)
    }

    async fn vm_allow_extensions(&self, actor: &Actor, id: VmId, allowed: bool) -> Result<(), Fault> {
        Ok(self.allow_extensions(actor, id, allowed).await?)
    }

    async fn vm_agent_present(&self, actor: &Actor, id: VmId, present: bool) -> Result<(), Fault> {
        Ok(self.say_agent_present(actor, id, present).await?)
    }

    async fn image_token_list(&self, actor: &Actor) -> Result<Vec<ImageToken>, Fault> {
        Ok(self.list_image_tokens(actor).await?)
    }

    async fn image_token_create(&self, actor: &Actor, order: ImageTokenOrder) -> Result<EnrolmentOffer, Fault> {
        Ok(self.create_image_token(actor, order).await?)
    }

    async fn image_token_revoke(&self, actor: &Actor, id: ImageTokenId) -> Result<(), Fault> {
        Ok(self.revoke_image_token(actor, id).await?)
    }
}

/// What a page of machines is made of, as the database has it.
pub(crate) struct VmRows {
    found: Page<Vm>,
    around: Surroundings,
    there: BTreeMap<VmId, Vec<Extension>>,
}

impl Control {
    async fn vm_page(&self, filter: &VmFilter, page: PageRequest) -> Result<Page<VmSummary>, Error> {
        let now = self.now();
        let read = || self.vm_rows(filter, page, now);
        let rows = match filter.health {
            // who is silent depends on the time, not only on rows
            Some(_) => Arc::new(read().await?),
            None => self.inner.vm_pages.get(&self.inner.store, &(filter.clone(), page), read).await?,
        };
        let items = rows.found.items.iter().map(|vm| {
            let health = self.health_of(vm);
            let extensions = rows.around.counts(rows.there.get(&vm.id).into_iter().flatten(), health);
            vm.summary(health, extensions)
        });
        Ok(Page { items: items.collect(), total: rows.found.total, request: page })
    }

    async fn vm_rows(&self, filter: &VmFilter, page: PageRequest, now: Timestamp) -> Result<VmRows, Error> {
        let mut conn = self.inner.store.read().await?;
        let found = conn.vm_page(filter, page, now).await?;
        let ids: Vec<VmId> = found.items.iter().map(|vm| vm.id).collect();
        let around = Surroundings::of(self, &mut conn, &ids).await?;
        let mut there: BTreeMap<VmId, Vec<_>> = BTreeMap::new();
        for row in conn.extension_list_many(&ids).await? {
            there.entry(row.extension.vm_id).or_default().push(row.extension);
        }
        Ok(VmRows { found, around, there })
    }

    pub(crate) async fn vm_detail(&self, actor: &Actor, id: VmId) -> Result<VmDetail, Error> {
        let mut conn = self.inner.store.read().await?;
        let vm = self.vm_of(&mut conn, id).await?;
        actor.require_on(Permission::Read, &vm)?;
        let vm = self.with_contact(vm);
        let now = self.now();
        let health = vm.agent_health(now);
        let around = Surroundings::of(self, &mut conn, &[id]).await?;
        let there = conn.extension_list(id).await?.into_iter().map(|r| r.extension).collect();
        let may = actor.require_on(Permission::ChangeMachines, &vm).err();
        let power_actions =
            PowerAction::ALL.into_iter().map(|a| (a, may.clone().or(vm.power_allowed(a).err()))).collect();
        Ok(VmDetail {
            health,
            advice: Advice::on(&vm, health),
            extensions: self.extension_summaries(there, health, &around),
            power_actions,
            extension_change: actor
                .require_on(Permission::ChangeExtensions, &vm)
                .err()
                .or(vm.extension_change_allowed().err()),
            now,
            vm,
        })
    }

    /// What the machine reported, as the ARM API answers it.
    async fn instance_view(&self, actor: &Actor, id: VmId) -> Result<Value, Error> {
        let detail = self.vm_detail(actor, id).await?;
        let there: Vec<Extension> = detail.extensions.into_iter().map(|summary| summary.extension).collect();
        let versions = self.versions_as_asked(&there).await?;
        let view = vm_view(&detail.vm, detail.health.word(), &there, &versions);
        Ok(serde_json::to_value(view).unwrap_or_default())
    }

    async fn put_tags(&self, actor: &Actor, id: VmId, tags: BTreeMap<String, String>) -> Result<(), Error> {
        check_tags(&tags)?;
        let mut tx = self.inner.store.begin().await?;
        let mut vm = self.vm_of(&mut tx, id).await?;
        actor.require_on(Permission::ChangeMachines, &vm)?;
        vm.tags = tags;
        tx.vm_update(&vm).await?;
        let shown: Vec<String> = vm.tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
        self.note(&mut tx, actor, "changed the tags", Some(&vm), Outcome::Succeeded, Some(shown.join(", "))).await?;
        let mut touched = Touched::default();
        touched.vm(id);
        touched.topic(Topic::Activity);
        self.commit(tx, touched).await
    }

    pub(crate) async fn delete_vm(&self, actor: &Actor, id: VmId) -> Result<(), Error> {
        let vm = self.vm_of(&mut self.inner.store.read().await?, id).await?;
        actor.require_on(Permission::ManageMachines, &vm)?;
        if vm.kind == MachineKind::Lab && self.inner.compute.runs_machines() {
            self.inner.compute.erase(id).await.map_err(|why| {
                Fault::new(
                    domain::fault::FaultKind::Unavailable,
                    "LabFailed",
                    format!("{} could not be erased: {why}", vm.name),
                )
            })?;
        }
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        for target in tx.target_open_on(id).await? {
            // what waits for a machine that is gone is withdrawn; what ran on it has failed
            let seen = match target.target.kind.is_power() {
                true => Observation::Power {
                    step: domain::operation::StepName::PoweredOff,
                    error: Some("The machine was removed.".into()),
                },
                false => Observation::MachineRemoved,
            };
            self.observe(&mut tx, target, &seen, &mut touched).await?;
        }
        tx.vm_delete(id).await?;
        self.note(&mut tx, actor, "decommissioned the machine", Some(&vm), Outcome::Succeeded, None).await?;
        touched.vm(id);
        touched.topic(Topic::Activity);
        self.commit(tx, touched).await?;
        self.inner.contacts.forget(id);
        Ok(())
    }
}
