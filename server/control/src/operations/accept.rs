//! Accepting a change of extensions: one transaction for everything that makes it an accepted operation.

use domain::{
    activity::{ActivityEntry, Outcome},
    actor::Actor,
    extension::{EXTENSIONS_MOST, Extension, ProvisioningState},
    extension_image::ExtensionImage,
    fault::Fault,
    generation::{Generation, Incarnation},
    ids::OperationId,
    live::Topic,
    operation::{Observation, Operation, OperationKind, OperationTarget, Step, StepName, StepPhase, TargetState},
    vm::Vm,
};
use store::{Conn, ExtensionRow, RevisionRow, TargetRow, Tx};

use super::driver::Touched;
use crate::{Control, Error};

/// What an accepted change does to one extension: the row as it is to be, and how it came about.
pub(crate) struct Change {
    /// The machine.
    pub(crate) vm: Vm,
    /// The extension as wanted from now on; `id`, `revision`, `generation` already those of the stored row when it exists.
    pub(crate) row: ExtensionRow,
    /// True: the extension is not on the machine yet.
    pub(crate) is_new: bool,
    /// What happens on this machine.
    pub(crate) kind: OperationKind,
    /// True: the machine must fetch a package for it.
    pub(crate) new_version: bool,
}

/// An operation being accepted.
pub(crate) struct Acceptance {
    pub(crate) operation: Operation,
    pub(crate) touched: Touched,
    machines: Vec<String>,
}

impl Control {
    /// Begins an operation: nothing is written yet.
    pub(crate) fn acceptance(&self, actor: &Actor, kind: OperationKind, subject: String) -> Acceptance {
        let operation = Operation {
            id: OperationId::new(self.new_uuid()),
            kind,
            subject,
            actor: actor.name.clone(),
            accepted_at: self.now(),
            retry_of: None,
        };
        Acceptance { operation, touched: Touched::default(), machines: Vec::new() }
    }

    /// May another change of this extension be accepted now? A change that no machine has begun is replaced; one that
    /// runs must end first.
    pub(crate) async fn make_way(
        &self,
        tx: &mut Tx,
        acceptance: &mut Acceptance,
        row: &ExtensionRow,
        vm: &Vm,
    ) -> Result<(), Error> {
        for open in tx.target_open_on(vm.id).await? {
            if open.target.extension_id != Some(row.extension.id) {
                continue;
            }
            if open.target.state == TargetState::Running {
                return Err(Fault::not_allowed(format!(
                    "{} is being changed on {} just now (operation {}). Wait until that has ended, then repeat this.",
                    row.extension.name, vm.name, open.target.operation_id
                ))
                .into());
            }
            let by = Observation::Superseded { by: acceptance.operation.id };
            self.observe(tx, open, &by, &mut acceptance.touched).await?;
        }
        Ok(())
    }

    /// Writes one machine's part: extension, revision, goal state, target, activity line.
    pub(crate) async fn accept_change(
        &self,
        tx: &mut Tx,
        acceptance: &mut Acceptance,
        change: Change,
        image: &ExtensionImage,
    ) -> Result<Incarnation, Error> {
        let Change { vm, mut row, is_new, kind, new_version } = change;
        let now = acceptance.operation.accepted_at;
        let incarnation = tx.goal_state_raise(vm.id, now).await?;
        {
            let e = &mut row.extension;
            e.incarnation = incarnation;
            e.changed_at = now;
            e.revision += i64::from(kind != OperationKind::Remove);
            e.removing = kind == OperationKind::Remove;
            e.provisioning_state = match kind {
                OperationKind::Install => ProvisioningState::Creating,
                OperationKind::Remove => ProvisioningState::Deleting,
                _ => ProvisioningState::Updating,
            };
        }
        if is_new {
            if tx.extension_list(vm.id).await?.len() >= EXTENSIONS_MOST {
                return Err(Fault::not_allowed(format!(
                    "{} has {EXTENSIONS_MOST} extensions, and that is the limit of this portal. Remove one first.",
                    vm.name
                ))
                .into());
            }
            tx.extension_insert(&row).await?;
        } else {
            tx.extension_update(&row).await?;
        }
        if kind != OperationKind::Remove {
            tx.revision_insert(&revision(&row, acceptance, kind)).await?;
        }
        let target = extension_target(acceptance, &row.extension, kind, incarnation, new_version);
        tx.target_insert(&TargetRow {
            target,
            vm_name: vm.name.to_string(),
            extension_name: Some(row.extension.name.to_string()),
            handler_key: Some(row.extension.handler_name().to_lowercase()),
            revision: (kind != OperationKind::Remove).then_some(row.extension.revision),
            stdout: None,
            stderr: None,
            run_incarnation: incarnation,
            run_base: 0,
            next_record: 0,
            output_bytes: 0,
            output_lines: 0,
        })
        .await?;
        tx.activity_add(&ActivityEntry {
            number: 0,
            at: now,
            actor: acceptance.operation.actor.clone(),
            action: kind.past(&subject(image, &row.extension, kind)),
            outcome: Outcome::Started,
            vm: Some((vm.id, vm.name.to_string())),
            extension: Some(row.extension.name.to_string()),
            operation: Some(acceptance.operation.id),
            detail: None,
        })
        .await?;
        acceptance.machines.push(vm.name.to_string());
        acceptance.touched.vm(vm.id);
        acceptance.touched.goal_state(vm.id, incarnation);
        Ok(incarnation)
    }

    /// Writes the operation itself. The parts must have been written by [`Self::accept_change`] in the same transaction.
    pub(crate) async fn accept_operation(
        &self,
        tx: &mut Tx,
        acceptance: &mut Acceptance,
    ) -> Result<OperationId, Error> {
        tx.operation_insert(&acceptance.operation, &acceptance.machines).await?;
        acceptance.touched.operation(acceptance.operation.id);
        acceptance.touched.topic(Topic::Activity);
        Ok(acceptance.operation.id)
    }

    /// Adds a machine that is part of the operation by name only (power operations).
    pub(crate) fn accept_machine(&self, acceptance: &mut Acceptance, vm: &Vm) {
        acceptance.machines.push(vm.name.to_string());
        acceptance.touched.vm(vm.id);
    }
}

/// What an operation on this extension is called: title and version, with its name when that differs from the type.
pub(crate) fn subject(image: &ExtensionImage, extension: &Extension, kind: OperationKind) -> String {
    let versioned = matches!(
        kind,
        OperationKind::Install | OperationKind::ChangeVersion | OperationKind::RollBack | OperationKind::Remove
    );
    let title = if extension.name.as_str().eq_ignore_ascii_case(extension.extension_type.as_str()) {
        image.title.clone()
    } else {
        format!("{} ({})", image.title, extension.name)
    };
    if versioned { format!("{title} {}", extension.version) } else { title }
}

fn revision(row: &ExtensionRow, acceptance: &Acceptance, kind: OperationKind) -> RevisionRow {
    let e = &row.extension;
    RevisionRow {
        extension_id: e.id,
        number: e.revision,
        version: e.version.clone(),
        settings: e.settings.clone(),
        protected: row.protected.clone(),
        protected_note: e.protected.clone(),
        provision_after: e.provision_after.clone(),
        options: e.options.clone(),
        actor: acceptance.operation.actor.clone(),
        at: acceptance.operation.accepted_at,
        kind,
    }
}

fn extension_target(
    acceptance: &Acceptance,
    extension: &Extension,
    kind: OperationKind,
    incarnation: Incarnation,
    new_version: bool,
) -> OperationTarget {
    let now = acceptance.operation.accepted_at;
    let mut steps: Vec<Step> = kind.expected_steps(new_version).iter().copied().map(Step::waiting).collect();
    if let Some(queued) = steps.iter_mut().find(|s| s.name == StepName::Queued) {
        (queued.phase, queued.started_at) = (StepPhase::Started, Some(now));
    }
    OperationTarget {
        operation_id: acceptance.operation.id,
        kind,
        vm_id: extension.vm_id,
        extension_id: Some(extension.id),
        incarnation,
        sequence_number: Some(extension.sequence_number),
        version: Some(extension.version.clone()),
        state: TargetState::Queued,
        steps,
        message: "Waits for the machine to fetch it.".into(),
        exit_code: None,
        fault: None,
        accepted_at: now,
        picked_up_at: None,
        finished_at: None,
        generation: Generation::default(),
    }
}

/// The newest part of an extension's history that a machine has really begun: what a withdrawn change goes back to.
pub(crate) async fn last_begun(conn: &mut Conn, extension: &Extension) -> Result<Option<TargetRow>, Error> {
    let runs = conn.target_of_extension(extension.id, 200).await?;
    Ok(runs.into_iter().find(|run| {
        run.revision.is_some()
            && !matches!(run.target.state, TargetState::Queued | TargetState::Canceled | TargetState::Superseded)
    }))
}
