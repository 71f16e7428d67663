//! Lab machines: registered here, run by [`crate::Compute`], enrolled like any other machine.

use domain::{
    activity::{ActivityEntry, Outcome},
    actor::{Actor, Permission},
    fault::Fault,
    generation::{Generation, Incarnation},
    ids::{OperationId, VmId},
    live::Topic,
    name::{ResourceGroupName, VmName},
    operation::{OperationKind, OperationTarget, Step, StepName, StepPhase, TargetState},
    portal::LabIsolation,
    secret::Secret,
    vm::{MachineKind, PowerAction, PowerState, Vm},
};
use store::TargetRow;

use crate::{Control, Error, LabVm, operations::driver::Touched};

/// Where the owner's acceptance of unisolated machines is kept.
const RISK: &str = "lab.risk-accepted";
/// How long a lab machine has to enrol after its first start.
const LAB_TOKEN_MINUTES: u32 = 10;

impl Control {
    pub(crate) async fn isolation(&self) -> Result<LabIsolation, Error> {
        let risk_accepted = self.inner.store.read().await?.server_setting_get(RISK).await?.as_deref() == Some("true");
        Ok(LabIsolation { risk_accepted, ..self.inner.compute.isolation() })
    }

    pub(crate) async fn accept_risk(&self, actor: &Actor, accepted: bool) -> Result<(), Error> {
        actor.require(Permission::AcceptRisk)?;
        let mut tx = self.inner.store.begin().await?;
        tx.server_setting_put(RISK, if accepted { "true" } else { "false" }).await?;
        let action = if accepted {
            "accepted lab machines without isolation"
        } else {
            "withdrew the acceptance of lab machines without isolation"
        };
        self.note(&mut tx, actor, action, None, Outcome::Succeeded, None).await?;
        let mut touched = Touched::default();
        touched.topic(Topic::Vms);
        touched.topic(Topic::Activity);
        self.commit(tx, touched).await
    }

    pub(crate) async fn create_lab_vm(&self, actor: &Actor, name: &str, outside_network: bool) -> Result<Vm, Error> {
        actor.require_in(Permission::ManageMachines, &ResourceGroupName::lab())?;
        if !self.inner.compute.runs_machines() {
            return Err(Fault::not_allowed(self.inner.compute.isolation().explanation).into());
        }
        let isolation = self.isolation().await?;
        if !isolation.isolated && !isolation.risk_accepted {
            return Err(Fault::not_allowed(format!(
                "{} Accept the risk first, or use a host that isolates.",
                isolation.explanation
            ))
            .into());
        }
        let name: VmName = name.parse()?;
        let vm = Vm {
            id: VmId::new(self.new_uuid()),
            name,
            resource_group: ResourceGroupName::lab(),
            location: domain::name::Location::usual(),
            kind: MachineKind::Lab,
            power: PowerState::Stopped,
            os: None,
            architecture: None,
            hostname: None,
            tags: Default::default(),
            allow_extension_operations: true,
            provision_guest_agent: false,
            outside_network,
            isolation: None,
            agent: None,
            incarnation: Incarnation::default(),
            created_at: self.now(),
            generation: Generation::default(),
        };
        let mut tx = self.inner.store.begin().await?;
        tx.vm_insert(&vm, None).await?;
        self.note(&mut tx, actor, "created the lab machine", Some(&vm), Outcome::Succeeded, None).await?;
        let mut touched = Touched::default();
        touched.vm(vm.id);
        touched.topic(Topic::Activity);
        self.commit(tx, touched).await?;
        self.power(actor, vm.id, PowerAction::Start).await?;
        Ok(vm)
    }

    pub(crate) async fn set_outside_network(&self, actor: &Actor, id: VmId, outside: bool) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut vm = self.vm_of(&mut tx, id).await?;
        actor.require_on(Permission::ManageMachines, &vm)?;
        if vm.kind != MachineKind::Lab {
            return Err(Fault::not_allowed(format!("Annex does not control the network of {}.", vm.name)).into());
        }
        vm.outside_network = outside;
        tx.vm_update(&vm).await?;
        let action = if outside { "allowed the outside network" } else { "closed the outside network" };
        self.note(&mut tx, actor, action, Some(&vm), Outcome::Succeeded, Some("from its next start on".into())).await?;
        let mut touched = Touched::default();
        touched.vm(id);
        touched.topic(Topic::Activity);
        self.commit(tx, touched).await
    }

    /// Accepts a power operation; the power task carries it out.
    pub(crate) async fn power(&self, actor: &Actor, id: VmId, action: PowerAction) -> Result<OperationId, Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut vm = self.vm_of(&mut tx, id).await?;
        actor.require_on(Permission::ChangeMachines, &vm)?;
        vm.power_allowed(action)?;
        let kind = OperationKind::Power(action);
        let mut acceptance = self.acceptance(actor, kind, vm.name.to_string());
        let now = acceptance.operation.accepted_at;
        vm.power = if action == PowerAction::Start { PowerState::Starting } else { PowerState::Stopping };
        tx.vm_update(&vm).await?;
        let mut steps: Vec<Step> = kind.expected_steps(false).iter().copied().map(Step::waiting).collect();
        if let Some(first) = steps.first_mut() {
            (first.phase, first.started_at) = (StepPhase::Started, Some(now));
        }
        let target = OperationTarget {
            operation_id: acceptance.operation.id,
            kind,
            vm_id: id,
            extension_id: None,
            incarnation: vm.incarnation,
            sequence_number: None,
            version: None,
            state: TargetState::Queued,
            steps,
            message: "Accepted.".into(),
            exit_code: None,
            fault: None,
            accepted_at: now,
            picked_up_at: None,
            finished_at: None,
            generation: Generation::default(),
        };
        tx.target_insert(&TargetRow {
            target,
            vm_name: vm.name.to_string(),
            extension_name: None,
            handler_key: None,
            revision: None,
            stdout: None,
            stderr: None,
            run_incarnation: vm.incarnation,
            run_base: 0,
            next_record: 0,
            output_bytes: 0,
            output_lines: 0,
        })
        .await?;
        tx.activity_add(&ActivityEntry {
            number: 0,
            at: now,
            actor: actor.name.clone(),
            action: kind.past(vm.name.as_str()),
            outcome: Outcome::Started,
            vm: Some((id, vm.name.to_string())),
            extension: None,
            operation: Some(acceptance.operation.id),
            detail: None,
        })
        .await?;
        self.accept_machine(&mut acceptance, &vm);
        let operation = self.accept_operation(&mut tx, &mut acceptance).await?;
        self.commit(tx, acceptance.touched).await?;
        self.inner.power_wake.notify_one();
        Ok(operation)
    }

    /// What the lab's host needs to start a machine; a machine without an agent gets a token.
    pub(crate) async fn lab_vm(&self, vm: &Vm) -> Result<LabVm, Error> {
        let enrolment_token = if vm.agent.is_none() {
            let mut tx = self.inner.store.begin().await?;
            let offer = self.enrolment_token(&mut tx, "Annex", Some(vm.id), None, LAB_TOKEN_MINUTES).await?;
            tx.commit().await?;
            Some(Secret::new(offer.token))
        } else {
            None
        };
        Ok(LabVm {
            id: vm.id,
            name: vm.name.clone(),
            outside_network: vm.outside_network,
            enrolment_token,
            risk_accepted: self.isolation().await?.risk_accepted,
        })
    }

    /// Starts the lab machines that were on when the server ended. Machines that outlived a crash are found running.
    pub async fn lab_resume(&self) -> Result<(), Error> {
        if !self.inner.compute.runs_machines() {
            return Ok(());
        }
        let machines = self.inner.store.read().await?.vm_all().await?;
        for vm in machines.iter().filter(|vm| vm.kind == MachineKind::Lab && vm.power == PowerState::Running) {
            let told = self.lab_vm(vm).await?;
            if let Err(why) = self.inner.compute.start(&told).await {
                tracing::warn!(vm.name = %vm.name, why, "a lab machine did not start again");
                self.lab_power_seen(vm.id, PowerState::Stopped, None).await?;
            }
        }
        Ok(())
    }

    /// Writes the power state of a lab machine as it was seen.
    pub(crate) async fn lab_power_seen(
        &self,
        id: VmId,
        power: PowerState,
        isolation: Option<String>,
    ) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let Some(mut vm) = tx.vm_get(id).await? else { return Ok(()) };
        vm.power = power;
        vm.isolation = isolation.or(vm.isolation);
        tx.vm_update(&vm).await?;
        let mut touched = Touched::default();
        touched.vm(id);
        self.commit(tx, touched).await
    }

    /// The step that a power action is at its end with.
    pub(crate) fn last_power_step(action: PowerAction) -> StepName {
        if action == PowerAction::Stop { StepName::PoweredOff } else { StepName::PoweredOn }
    }
}
