//! The single writer of operation states: an observation moves a target, and what follows is written with it.

use domain::{
    activity::{ActivityEntry, Outcome},
    extension::ProvisioningState,
    generation::Incarnation,
    ids::{OperationId, VmId},
    live::Topic,
    operation::{Observation, OperationKind, TargetState},
    status::HandlerReport,
};
use store::{TargetRow, Tx};

use super::accept::last_begun;
use crate::{Control, Error};

/// What a transaction touched: told to pages, agents and other processes once it is committed.
#[derive(Default, Debug)]
pub(crate) struct Touched {
    topics: Vec<Topic>,
    goal_states: Vec<(VmId, Incarnation)>,
}

impl Touched {
    pub(crate) fn topic(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }

    pub(crate) fn vm(&mut self, id: VmId) {
        self.topic(Topic::Vm(id));
    }

    pub(crate) fn operation(&mut self, id: OperationId) {
        self.topic(Topic::Operation(id));
    }

    pub(crate) fn goal_state(&mut self, vm: VmId, incarnation: Incarnation) {
        self.goal_states.push((vm, incarnation));
    }

    fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.goal_states.is_empty()
    }
}

impl Control {
    /// Commits and tells everybody what changed: pages and held requests here, other processes through the database.
    pub(crate) async fn commit(&self, mut tx: Tx, touched: Touched) -> Result<(), Error> {
        if !touched.is_empty() {
            let words = touched.topics.iter().map(ToString::to_string);
            let goals = touched.goal_states.iter().map(|(vm, _)| format!("goal:{vm}"));
            let words: Vec<String> = words.chain(goals).collect();
            for part in words.chunks(80) {
                tx.notify(&part.join(" ")).await?;
            }
        }
        tx.commit().await?;
        for (vm, incarnation) in &touched.goal_states {
            self.inner.goal_states.raise(*vm, *incarnation);
        }
        self.inner.hub.publish(touched.topics);
        Ok(())
    }

    /// Moves one target by one observation and writes what follows. Returns the row as it is now.
    pub(crate) async fn observe(
        &self,
        tx: &mut Tx,
        mut row: TargetRow,
        seen: &Observation,
        touched: &mut Touched,
    ) -> Result<TargetRow, Error> {
        let outputs_changed = take_outputs(&mut row, seen);
        let was = row.target.state;
        match row.target.observe(seen, self.now()) {
            Some(next) => row.target = next,
            None if outputs_changed => {}
            None => return Ok(row),
        }
        tx.target_update(&row).await?;
        row.target.generation = row.target.generation.next();
        touched.operation(row.target.operation_id);
        touched.vm(row.target.vm_id);
        if was.is_open() && !row.target.state.is_open() {
            self.ended(tx, &row, touched).await?;
        }
        Ok(row)
    }

    /// What follows when a target has ended.
    async fn ended(&self, tx: &mut Tx, row: &TargetRow, touched: &mut Touched) -> Result<(), Error> {
        let target = &row.target;
        if let Some(extension_id) = target.extension_id {
            match (target.kind, target.state) {
                (OperationKind::Remove, TargetState::Succeeded) => tx.extension_delete(extension_id).await?,
                (_, TargetState::Succeeded) => {
                    tx.extension_provisioned(extension_id, ProvisioningState::Succeeded).await?;
                }
                (kind, TargetState::Failed | TargetState::TimedOut) => {
                    let stored = tx.extension_by_id(extension_id).await?;
                    let suppressed = stored.as_ref().is_some_and(|s| s.extension.options.suppress_failures);
                    if kind == OperationKind::Remove
                        && let Some(mut stored) = stored
                    {
                        // it is still there; the next goal state wants it again
                        stored.extension.removing = false;
                        tx.extension_update(&stored).await?;
                    }
                    let state = match suppressed {
                        true => ProvisioningState::Succeeded,
                        false => ProvisioningState::Failed,
                    };
                    tx.extension_provisioned(extension_id, state).await?;
                }
                (_, TargetState::Canceled) => self.take_back(tx, row, touched).await?,
                (_, TargetState::Superseded | TargetState::Queued | TargetState::Running) => {}
            }
        }
        let operation = tx.operation_get(target.operation_id).await?;
        tx.operation_settle(target.operation_id).await?;
        let Some((operation, _)) = operation else { return Ok(()) };
        let outcome = match target.state {
            TargetState::Succeeded => Outcome::Succeeded,
            TargetState::Canceled | TargetState::Superseded => Outcome::Canceled,
            _ => Outcome::Failed,
        };
        tx.activity_add(&ActivityEntry {
            number: 0,
            at: self.now(),
            actor: operation.actor.clone(),
            action: target.kind.past(&operation.subject),
            outcome,
            vm: Some((target.vm_id, row.vm_name.clone())),
            extension: row.extension_name.clone(),
            operation: Some(target.operation_id),
            detail: (outcome != Outcome::Succeeded).then(|| {
                let code = target.exit_code.map(|c| format!(" (exit code {c})")).unwrap_or_default();
                format!("{}{code}", target.message)
            }),
        })
        .await?;
        touched.topic(Topic::Activity);
        Ok(())
    }

    /// A withdrawn change: the extension goes back to what the machine last began, or away when it never began anything.
    async fn take_back(&self, tx: &mut Tx, row: &TargetRow, touched: &mut Touched) -> Result<(), Error> {
        let Some(id) = row.target.extension_id else { return Ok(()) };
        let Some(mut stored) = tx.extension_by_id(id).await? else { return Ok(()) };
        let incarnation = tx.goal_state_raise(row.target.vm_id, self.now()).await?;
        touched.goal_state(row.target.vm_id, incarnation);
        let Some(before) = last_begun(tx, &stored.extension).await? else {
            return Ok(tx.extension_delete(id).await?);
        };
        let number = before.revision.unwrap_or(stored.extension.revision);
        if let Some(revision) = tx.revision_get(id, number).await? {
            if let Some(withdrawn) = row.revision {
                tx.revision_delete(id, withdrawn).await?;
            }
            stored.protected = revision.protected;
            let e = &mut stored.extension;
            (e.version, e.settings, e.protected) = (revision.version, revision.settings, revision.protected_note);
            (e.provision_after, e.options) = (revision.provision_after, revision.options);
        }
        let e = &mut stored.extension;
        e.sequence_number = before.target.sequence_number.unwrap_or(e.sequence_number);
        e.removing = false;
        e.provisioning_state = match before.target.state {
            TargetState::Succeeded => ProvisioningState::Succeeded,
            _ => ProvisioningState::Failed,
        };
        Ok(tx.extension_update(&stored).await?)
    }
}

/// Keeps the script's streams as reported for the target's own sequence number; true when they are new.
fn take_outputs(row: &mut TargetRow, seen: &Observation) -> bool {
    let Observation::Reported { report: Some(report), .. } = seen else { return false };
    let report: &HandlerReport = report;
    let Some(result) = report.result.as_ref().filter(|r| Some(r.sequence_number) == row.target.sequence_number) else {
        return false;
    };
    if !row.target.state.is_open() || (report.version.is_some() && report.version != row.target.version) {
        return false;
    }
    let part =
        |name: &str| result.substatuses.iter().find(|s| s.name.eq_ignore_ascii_case(name)).map(|s| s.message.clone());
    let (stdout, stderr) = (part("StdOut"), part("StdErr"));
    let changed = (stdout.is_some() && stdout != row.stdout) || (stderr.is_some() && stderr != row.stderr);
    row.stdout = stdout.or(row.stdout.take());
    row.stderr = stderr.or(row.stderr.take());
    changed
}
