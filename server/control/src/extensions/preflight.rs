//! What a put would do, machine by machine, without doing it.

use domain::{
    actor::{Actor, Permission},
    extension::{ExtensionForm, PreflightRow},
    guest_agent::AgentHealth,
    ids::VmId,
    operation::OperationKind,
};

use super::put::Planned;
use crate::{Control, Error};

impl Control {
    pub(crate) async fn preflight(&self, actor: &Actor, form: ExtensionForm) -> Result<Vec<PreflightRow>, Error> {
        actor.require_somewhere(Permission::ChangeExtensions)?;
        let mut conn = self.inner.store.read().await?;
        let (command, image) = self.read_form(&mut conn, &form).await?;
        if command.targets.is_empty() {
            let protected = matches!(command.protected, domain::extension::ProtectedChange::Merge { .. });
            // without a machine only the settings can be judged; secrets that were typed are judged with a machine
            if !protected {
                crate::settings::check(&image, &command.settings, None)?;
            }
        }
        let mut rows = Vec::with_capacity(command.targets.len());
        for id in &command.targets {
            rows.push(self.preflight_row(&mut conn, actor, &command, *id).await?);
        }
        Ok(rows)
    }

    async fn preflight_row(
        &self,
        conn: &mut store::Conn,
        actor: &Actor,
        command: &domain::extension::PutExtension,
        id: VmId,
    ) -> Result<PreflightRow, Error> {
        let vm = self.vm_of(conn, id).await?;
        let (vm_name, health) = (vm.name.clone(), self.health_of(&vm));
        let row = |outcome: String, refusal| PreflightRow { vm_id: id, vm_name: vm_name.clone(), outcome, refusal };
        let planned = match self.plan_put(conn, actor, command, vm).await {
            Ok(planned) => planned,
            // settings are wrong everywhere: that belongs to the form, not to a machine
            Err(error) if is_about_settings(&error) => return Err(error),
            Err(error) => return Ok(row("cannot be done".into(), Some(error.into_fault()))),
        };
        let Planned::Change(planned) = planned else {
            return Ok(row("stays as it is: nothing would change".into(), None));
        };
        let (change, image) = *planned;
        let what = match change.kind {
            OperationKind::Install => format!("installs {} {}", image.title, image.version),
            OperationKind::ChangeVersion => format!("moves to {}", image.version),
            OperationKind::ChangeSettings => "changes its settings and runs again".to_owned(),
            _ => "runs again".to_owned(),
        };
        let when = match health {
            AgentHealth::Ready => "at once",
            AgentHealth::Off => "once it is switched on",
            _ => "once its agent answers",
        };
        Ok(row(format!("{what}, {when}"), None))
    }
}

fn is_about_settings(error: &Error) -> bool {
    let fault = error.fault();
    let own = |target: &Option<String>| {
        target.as_deref().is_some_and(|t| t.starts_with("settings") || t.starts_with("protectedSettings"))
    };
    own(&fault.target) || fault.details.iter().any(|d| own(&d.target))
}
