//! Run commands: scripts on one machine, once (the action) or as named resources (arm-api, section 4.5).
//!
//! Both are configurations of one handler, which takes many: a managed run command under its own name, the action under a
//! name that is kept for it. So each is an extension like any other, with its steps, lines, history and rights.

use domain::{
    actor::{Actor, Permission},
    asked_extension::{AskedExtension, Extent},
    extension::Extension,
    fault::{Fault, FaultKind},
    ids::OperationId,
    secret::Secret,
};
use serde_json::{Map, Value, json};

use crate::{Accepted, Control, Error, ExtensionSeen, OnVm, VmPlace, VmWithExtensions, by_name::not_there};

/// Name of the extension that runs the action's scripts.
pub const ACTION: &str = "RunCommandAction";
/// The handler's publisher and type.
const HANDLER: (&str, &str) = ("Annex.Extensions", "RunCommand");
/// Most managed run commands on one machine.
const MOST: usize = 25;
/// Longest that an action may run, in seconds (90 minutes).
const ACTION_LIMIT_S: u32 = 5_400;

/// A script of the action: `commandId`, its lines and its parameters.
#[derive(Clone, Debug)]
pub struct RunAction {
    /// `RunShellScript` or `ifconfig`.
    pub command_id: String,
    /// Lines; empty: the command's own script.
    pub script: Vec<String>,
    /// Names and values. A name is an environment variable, and the order is that of the positional arguments.
    pub parameters: Vec<(String, String)>,
}

/// What the action offers: id, label, description, its own script.
pub const COMMANDS: [(&str, &str, &str, &str); 2] = [
    (
        "RunShellScript",
        "Run a Linux shell script",
        "Runs the lines that are sent with it, as root.",
        "echo \"no script was sent\"; exit 1",
    ),
    (
        "ifconfig",
        "List network configuration",
        "Shows the addresses of all network interfaces.",
        "ip address || ifconfig -a",
    ),
];

/// Is this extension a run command of either form?
pub fn is_run_command(extension: &Extension) -> bool {
    extension.publisher.as_str().eq_ignore_ascii_case(HANDLER.0)
        && extension.extension_type.as_str().eq_ignore_ascii_case(HANDLER.1)
}

impl Control {
    /// Runs a script once.
    ///
    /// Errors: `OperationNotAllowed` while another one runs, `InvalidParameter`, those of [`Control::extension_ask`].
    pub async fn run_action(&self, actor: &Actor, place: &VmPlace, action: RunAction) -> Result<OperationId, Error> {
        let known = COMMANDS.iter().find(|(id, ..)| id.eq_ignore_ascii_case(&action.command_id));
        let Some((_, _, _, own_script)) = known else {
            let message = match action.command_id.to_ascii_lowercase().contains("powershell") {
                true => {
                    "RunPowerShellScript is for Windows, and this machine runs Linux. Use RunShellScript.".to_owned()
                }
                false => format!("There is no command '{}'. There is: RunShellScript, ifconfig.", action.command_id),
            };
            return Err(Fault::invalid("commandId", message).into());
        };
        {
            let mut conn = self.inner.store.read().await?;
            let vm = self.vm_at(&mut conn, actor, Permission::ChangeExtensions, place).await?;
            if let Some(open) =
                conn.target_open_on(vm.id).await?.iter().find(|t| t.extension_name.as_deref() == Some(ACTION))
            {
                return Err(Fault::not_allowed(format!(
                    "Run command extension execution is in progress on {} (operation {}). Please wait for completion before invoking a run command, or use managed run commands, which run side by side.",
                    vm.name, open.target.operation_id
                ))
                .into());
            }
        }
        let script = match action.script.is_empty() {
            true => (*own_script).to_owned(),
            false => action.script.join("\n"),
        };
        // named ones are variables; the same values are the arguments, in order
        let named = action.parameters.iter().filter(|(name, _)| !name.is_empty());
        let mut parameters: Vec<Value> = named.map(|(name, value)| json!({"name": name, "value": value})).collect();
        parameters.extend(action.parameters.iter().map(|(_, value)| json!({"name": "", "value": value})));
        // public ones: protected values are struck out of what the script prints, and the action prints them on purpose
        let settings = json!({
            "source": {"script": script},
            "parameters": parameters,
            "timeoutInSeconds": ACTION_LIMIT_S,
            "treatFailureAsDeploymentFailure": false,
        });
        let asked =
            AskedExtension { force_update_tag: Some(self.new_uuid().to_string()), ..handler(settings, Map::new()) };
        Ok(self.extension_ask(actor, place, ACTION, &asked, Extent::Whole).await?.operation)
    }

    /// Makes or replaces a managed run command. `settings` and `protected` are those of the handler.
    ///
    /// Errors: those of [`Control::extension_ask`], `OperationNotAllowed` beyond 25.
    pub async fn run_command_put(
        &self,
        actor: &Actor,
        place: &VmPlace,
        name: &str,
        settings: Option<Value>,
        protected: Option<Map<String, Value>>,
        extent: Extent,
    ) -> Result<Accepted<OnVm>, Error> {
        if name.eq_ignore_ascii_case(ACTION) {
            let message = format!("The name {ACTION} is kept for the run-command action. Choose another one.");
            return Err(Fault::invalid("runCommandName", message).into());
        }
        {
            let mut conn = self.inner.store.read().await?;
            let vm = self.parent_at(&mut conn, actor, Permission::ChangeExtensions, place).await?;
            let there = conn.extension_list(vm.id).await?;
            let managed = |row: &&store::ExtensionRow| is_run_command(&row.extension) && !is(&row.extension, ACTION);
            let is_new = !there.iter().any(|row| is(&row.extension, name));
            if is_new && there.iter().filter(managed).count() >= MOST {
                let message = format!("{} has {MOST} run commands, and that is the limit. Delete one first.", vm.name);
                return Err(Fault::not_allowed(message).into());
            }
        }
        let asked = match (settings, protected) {
            (Some(settings), protected) => handler(settings, protected.unwrap_or_default()),
            (None, protected) => AskedExtension {
                protected: protected.map(|map| Secret::new(Value::Object(map).to_string())),
                ..AskedExtension::default()
            },
        };
        self.extension_ask(actor, place, name, &asked, extent).await
    }

    /// A managed run command. Error: `ResourceNotFound`.
    pub async fn run_command_look(&self, actor: &Actor, place: &VmPlace, name: &str) -> Result<ExtensionSeen, Error> {
        let missing =
            || not_there(&format!("Microsoft.Compute/virtualMachines/{}/runCommands/{name}", place.vm), &place.group);
        match self.extension_look(actor, place, name).await {
            Ok(seen) if !is_run_command(seen.extension()) || is(seen.extension(), ACTION) => Err(missing().into()),
            Err(error)
                if error.fault().kind == FaultKind::NotFound && error.fault().message.contains("/extensions/") =>
            {
                Err(missing().into())
            }
            other => other,
        }
    }

    /// The managed run commands of a machine.
    pub async fn run_command_list(
        &self,
        actor: &Actor,
        place: &VmPlace,
    ) -> Result<(VmWithExtensions, Vec<Extension>), Error> {
        let mut machine = self.vm_look(actor, place).await?;
        let mut commands = std::mem::take(&mut machine.extensions);
        commands.retain(|extension| is_run_command(extension) && !is(extension, ACTION));
        Ok((machine, commands))
    }

    /// Deletes a managed run command; what runs is stopped. `None` when there is none.
    pub async fn run_command_delete(
        &self,
        actor: &Actor,
        place: &VmPlace,
        name: &str,
    ) -> Result<Option<OperationId>, Error> {
        match self.run_command_look(actor, place, name).await {
            Ok(_) => self.extension_unask(actor, place, name).await,
            Err(error) if error.fault().kind == FaultKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn is(extension: &Extension, name: &str) -> bool {
    extension.name.as_str().eq_ignore_ascii_case(name)
}

fn handler(settings: Value, protected: Map<String, Value>) -> AskedExtension {
    AskedExtension {
        publisher: Some(HANDLER.0.into()),
        extension_type: Some(HANDLER.1.into()),
        type_handler_version: Some("1.0".into()),
        auto_upgrade_minor_version: Some(true),
        settings: Some(settings),
        protected: Some(Secret::new(Value::Object(protected).to_string())),
        ..AskedExtension::default()
    }
}
