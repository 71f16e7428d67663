//! Install, or change what is there: all machines or none.

use domain::{
    actor::{Actor, Permission},
    compatibility::{Present, fits},
    extension::{Extension, ProtectedChange, ProtectedSettingsNote, ProvisioningState, PutExtension, TARGETS_MOST},
    extension_image::ExtensionImage,
    extension_options::ExtensionOptions,
    fault::{Fault, FaultKind},
    generation::{Generation, Incarnation, SequenceNumber},
    ids::{ExtensionId, OperationId},
    operation::OperationKind,
    secret::Secret,
    vm::Vm,
};
use serde_json::{Map, Value};
use store::{Conn, ExtensionRow};

use super::applied_version;
use crate::{
    Control, Error,
    goal_states::protected_place,
    operations::accept::{Change, subject},
    settings,
};

impl Control {
    /// Accepts an installation or a change of settings on one or several machines.
    ///
    /// Errors: `AuthorizationFailed` when one of the machines may not be changed; those of the settings check, of [`fits`], `OperationNotAllowed` while a change runs, `PreconditionFailed`,
    /// and a refusal when nothing would change on any machine.
    pub async fn put_extension(&self, actor: &Actor, command: PutExtension) -> Result<OperationId, Error> {
        let accepted = self.put_if_changed(actor, command).await?;
        accepted.ok_or_else(|| Fault::not_allowed("Nothing would change: version and settings are what they are already. To run it once more, use Run again.").into())
    }

    /// The same, with `None` where no machine has anything to do.
    pub(crate) async fn put_if_changed(
        &self,
        actor: &Actor,
        command: PutExtension,
    ) -> Result<Option<OperationId>, Error> {
        actor.require_somewhere(Permission::ChangeExtensions)?;
        if command.targets.is_empty() {
            return Err(Fault::invalid("targets", "Choose at least one machine.").into());
        }
        if command.targets.len() > TARGETS_MOST {
            return Err(Fault::invalid("targets", format!("Choose at most {TARGETS_MOST} machines at once.")).into());
        }
        let mut tx = self.inner.store.begin().await?;
        let mut acceptance = self.acceptance(actor, OperationKind::ChangeSettings, String::new());
        let mut subjects = Vec::new();
        let mut kinds = Vec::new();
        let mut noted = false;
        let mut targets = command.targets.clone();
        targets.dedup();
        for id in targets {
            let vm = self.vm_of(&mut tx, id).await?;
            let (change, image) = match self.plan_put(&mut tx, actor, &command, vm).await? {
                Planned::Change(planned) => *planned,
                Planned::Note(row) => {
                    tx.extension_update(&row).await?;
                    acceptance.touched.vm(id);
                    noted = true;
                    continue;
                }
                Planned::Nothing => continue,
            };
            if !change.is_new {
                self.make_way(&mut tx, &mut acceptance, &change.row, &change.vm).await?;
            }
            kinds.push(change.kind);
            subjects.push(subject(&image, &change.row.extension, change.kind));
            self.accept_change(&mut tx, &mut acceptance, change, &image).await?;
        }
        let Some(kind) = kinds.iter().copied().find(|k| *k == OperationKind::Install).or(kinds.first().copied()) else {
            if noted {
                self.commit(tx, acceptance.touched).await?;
            }
            return Ok(None);
        };
        acceptance.operation.kind = kind;
        acceptance.operation.subject = subjects.into_iter().next().unwrap_or_default();
        let id = self.accept_operation(&mut tx, &mut acceptance).await?;
        self.commit(tx, acceptance.touched).await?;
        Ok(Some(id))
    }

    /// What a put does on one machine. Reads only; the same answer fills the preflight.
    pub(crate) async fn plan_put(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        command: &PutExtension,
        vm: Vm,
    ) -> Result<Planned, Error> {
        actor.require_on(Permission::ChangeExtensions, &vm)?;
        let existing = conn.extension_get(vm.id, &command.name).await?;
        let handler = domain::extension_image::handler_name(&command.publisher, &command.extension_type);
        let version = command.version.clone().or_else(|| existing.as_ref().map(|e| e.extension.version.clone()));
        let image = self.image_find(conn, &handler, version.as_ref()).await?;
        let there = conn.extension_list(vm.id).await?;
        let handlers: Vec<String> = there.iter().map(|r| r.extension.handler_name()).collect();
        let present: Vec<Present<'_>> =
            there.iter().zip(&handlers).map(|(r, handler)| Present { name: &r.extension.name, handler }).collect();
        fits(&image, vm.name.as_str(), &vm.platform(), &command.name, &present)?;
        check_order(command, &there)?;
        let before = existing.clone();
        let mut row = existing.unwrap_or_else(|| self.new_extension(command, &image, &vm));
        row.extension.check_match(command.if_match)?;
        row.extension.version = image.version.clone();
        row.extension.settings = command.settings.clone();
        if let Some(order) = &command.provision_after {
            row.extension.provision_after.clone_from(order);
        }
        if let Some(options) = &command.options {
            row.extension.options.clone_from(options);
        }
        let (secrets_before, protected) = self.change_protected(&mut row, &command.protected, actor)?;
        settings::check(&image, &row.extension.settings, protected.as_ref())?;
        let Some(before) = before else {
            let change = Change { vm, row, is_new: true, kind: OperationKind::Install, new_version: true };
            return Ok(Planned::Change(Box::new((change, image))));
        };
        let new_settings = before.extension.settings != row.extension.settings
            || secrets_before != protected
            || before.extension.provision_after != row.extension.provision_after;
        let new_version =
            applied_version(&before.extension).unwrap_or_else(|| before.extension.version.clone()) != image.version;
        let force_run = command.force_run || is_new_tag(&before.extension.options, &row.extension.options);
        let kind = match (new_version, new_settings) {
            _ if before.extension.removing => OperationKind::Install,
            (false, false) if !force_run && before.extension.options != row.extension.options => {
                return Ok(Planned::Note(Box::new(row)));
            }
            (false, false) if !force_run => return Ok(Planned::Nothing),
            (true, _) => before.extension.change_here(OperationKind::ChangeVersion),
            (false, true) => before.extension.change_here(OperationKind::ChangeSettings),
            (false, false) => before.extension.change_here(OperationKind::RunAgain),
        };
        if new_settings || force_run || before.extension.removing {
            row.extension.sequence_number = before.extension.sequence_number.next();
        }
        let new_version = new_version || kind == OperationKind::Install;
        Ok(Planned::Change(Box::new((Change { vm, row, is_new: false, kind, new_version }, image))))
    }

    fn new_extension(&self, command: &PutExtension, image: &ExtensionImage, vm: &Vm) -> ExtensionRow {
        let now = self.now();
        ExtensionRow {
            protected: None,
            extension: Extension {
                id: ExtensionId::new(self.new_uuid()),
                vm_id: vm.id,
                name: command.name.clone(),
                publisher: image.publisher.clone(),
                extension_type: image.extension_type.clone(),
                version: image.version.clone(),
                settings: command.settings.clone(),
                protected: None,
                sequence_number: SequenceNumber::new(0),
                incarnation: Incarnation::default(),
                removing: false,
                provisioning_state: ProvisioningState::Creating,
                provision_after: Vec::new(),
                options: Default::default(),
                revision: 0,
                report: None,
                created_at: now,
                changed_at: now,
                generation: Generation::default(),
            },
        }
    }

    /// Applies a change of protected settings to a row; returns them in clear, as they were and as they are: to be
    /// compared and checked, and nothing else.
    fn change_protected(
        &self,
        row: &mut ExtensionRow,
        change: &ProtectedChange,
        actor: &Actor,
    ) -> Result<(Option<Value>, Option<Value>), Error> {
        let place = protected_place(&row.extension);
        let open = row.protected.as_ref().map(|sealed| self.inner.keys.sealer.open(&place, sealed)).transpose()?;
        let mut present: Map<String, Value> =
            open.and_then(|text| serde_json::from_str(text.reveal()).ok()).unwrap_or_default();
        let before = row.protected.is_some().then(|| Value::Object(present.clone()));
        match change {
            ProtectedChange::Keep => return Ok((before.clone(), before)),
            ProtectedChange::Replace(text) => {
                let bad = || Fault::invalid("protectedSettings", "Protected settings are a JSON object: { … }.");
                present = serde_json::from_str(text.reveal()).map_err(|_| bad())?;
            }
            ProtectedChange::Merge { set, clear } => {
                present.retain(|name, _| !clear.contains(name));
                for (name, text) in set {
                    let value = serde_json::from_str(text.reveal())
                        .map_err(|_| Fault::invalid(format!("protectedSettings.{name}"), "This is not JSON."))?;
                    present.insert(name.clone(), value);
                }
            }
        }
        if present.is_empty() {
            (row.protected, row.extension.protected) = (None, None);
            return Ok((before, None));
        }
        let now = Some(Value::Object(present.clone()));
        if before == now {
            return Ok((before, now));
        }
        let text = Secret::new(Value::Object(present.clone()).to_string());
        row.protected = Some(self.inner.keys.sealer.seal(&place, &text, self.inner.context.ids.as_ref())?);
        row.extension.protected = Some(ProtectedSettingsNote {
            keys: present.keys().cloned().collect(),
            set_at: self.now(),
            set_by: actor.name.clone(),
        });
        Ok((before, now))
    }
}

/// What a put does on one machine.
pub(crate) enum Planned {
    /// It changes something.
    Change(Box<(Change, ExtensionImage)>),
    /// It changes what is said beside the settings, and nothing on the machine.
    Note(Box<ExtensionRow>),
    /// Everything is as wanted already.
    Nothing,
}

/// A changed `forceUpdateTag` asks for a run; taking it away does not.
fn is_new_tag(before: &ExtensionOptions, now: &ExtensionOptions) -> bool {
    now.force_update_tag.is_some() && now.force_update_tag != before.force_update_tag
}

/// The extensions to wait for are there, and nobody waits for himself in a circle.
fn check_order(command: &PutExtension, there: &[ExtensionRow]) -> Result<(), Fault> {
    let key = |text: &str| text.to_lowercase();
    let own = key(command.name.as_str());
    let mut reached: Vec<String> = Vec::new();
    let mut next: Vec<String> = command.provision_after.iter().flatten().map(|n| key(n.as_str())).collect();
    while let Some(name) = next.pop() {
        if name == own {
            return Err(Fault::invalid("provisionAfterExtensions", format!("{} would wait for itself.", command.name)));
        }
        let Some(row) = there.iter().find(|r| key(r.extension.name.as_str()) == name) else {
            let message = format!("There is no extension {name} on this machine to wait for.");
            return Err(Fault::new(FaultKind::Invalid, "InvalidParameter", message).at("provisionAfterExtensions"));
        };
        if !reached.contains(&name) {
            next.extend(row.extension.provision_after.iter().map(|n| key(n.as_str())));
            reached.push(name);
        }
    }
    Ok(())
}
