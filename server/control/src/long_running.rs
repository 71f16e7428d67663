//! Accepted requests as the clients that poll them see them (arm-api, sections 3 and 7).

use domain::{
    actor::{Actor, Permission},
    fault::{Fault, FaultKind},
    ids::OperationId,
    operation::{RUN_LIMIT_MS, TargetState},
    timestamp::Timestamp,
};
use store::{Conn, TargetRow};

use crate::{Control, Error, run_commands::ACTION};

/// How a request stands.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It goes on.
    InProgress,
    /// It is done.
    Succeeded,
    /// It failed.
    Failed(Fault),
    /// Another change took its place, or somebody withdrew it.
    Canceled(Fault),
}

/// An accepted request.
#[derive(Clone, Debug)]
pub struct LongRunning {
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it stands.
    pub standing: Standing,
    /// What the commands of a run-command action printed: the ends of standard output and standard error, and whether they
    /// ended well.
    pub printed: Option<Printed>,
}

/// What a script printed.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// Its exit code, once known.
    pub exit_code: Option<i64>,
    /// The end of standard output.
    pub stdout: String,
    /// The end of standard error.
    pub stderr: String,
    /// What the handler said, where it could not run the script.
    pub message: String,
}

impl Control {
    /// How an accepted request stands. Error: `ResourceNotFound`.
    pub async fn long_running(&self, actor: &Actor, id: OperationId) -> Result<LongRunning, Error> {
        let mut conn = self.inner.store.read().await?;
        if let Some((accepted_at, ended_at)) = conn.settled_request_get(id).await? {
            let standing = Standing::Succeeded;
            return Ok(LongRunning { accepted_at, ended_at: Some(ended_at), standing, printed: None });
        }
        let rows = conn.target_list(id).await?;
        let Some(row) = rows.into_iter().next() else {
            return Err(Fault::not_found(format!("There is no operation {id}.")).into());
        };
        if let Some(vm) = conn.vm_get(row.target.vm_id).await? {
            actor.require_on(Permission::Read, &vm)?;
        }
        let standing = self.how_it_stands(&mut conn, &row).await?;
        let target = &row.target;
        let is_action = row.extension_name.as_deref() == Some(ACTION);
        Ok(LongRunning {
            accepted_at: target.accepted_at,
            ended_at: match standing {
                Standing::InProgress => None,
                _ => Some(target.finished_at.unwrap_or_else(|| self.now())),
            },
            printed: (is_action && !target.state.is_open()).then(|| Printed {
                exit_code: target.exit_code,
                stdout: row.stdout.clone().unwrap_or_default(),
                stderr: row.stderr.clone().unwrap_or_default(),
                message: target.message.clone(),
            }),
            standing,
        })
    }

    async fn how_it_stands(&self, conn: &mut Conn, row: &TargetRow) -> Result<Standing, Error> {
        let target = &row.target;
        Ok(match target.state {
            TargetState::Queued if self.now().millis_since(target.accepted_at) > RUN_LIMIT_MS => {
                Standing::Failed(silent(&row.vm_name))
            }
            TargetState::Queued | TargetState::Running => Standing::InProgress,
            TargetState::Succeeded => Standing::Succeeded,
            TargetState::Canceled | TargetState::Superseded => {
                let message = format!(
                    "This change of {} did not begin: another one took its place, or it was withdrawn.",
                    row.vm_name
                );
                Standing::Canceled(Fault::new(FaultKind::Conflict, "OperationPreempted", message))
            }
            TargetState::Failed | TargetState::TimedOut => match target.extension_id {
                Some(extension) => {
                    let now = conn.extension_by_id(extension).await?;
                    if now.as_ref().is_some_and(|now| now.extension.options.suppress_failures) {
                        return Ok(Standing::Succeeded);
                    }
                    Standing::Failed(failed(row))
                }
                None => Standing::Failed(failed(row)),
            },
        })
    }
}

/// A failure in the words that ARM's clients know.
fn failed(row: &TargetRow) -> Fault {
    let target = &row.target;
    let unknown = || Fault::new(FaultKind::Conflict, "InternalOperationError", target.message.clone());
    let fault = target.fault.clone().unwrap_or_else(unknown);
    let said = fault.details.first().map_or_else(|| target.message.clone(), |detail| detail.message.clone());
    let Some(name) = &row.extension_name else { return fault };
    let handler = row.handler_key.as_deref().unwrap_or_default();
    let message = match fault.code.as_str() {
        "VMExtensionProvisioningError" => format!(
            "VM has reported a failure when processing extension '{name}' ({handler}). Error message: '{said}'. {}",
            fault.message
        ),
        "VMExtensionHandlerNonTransientError" => format!(
            "The handler for VM extension type '{handler}' has reported terminal failure for VM extension '{name}' with error message: '{said}'. {}",
            fault.message
        ),
        "VMExtensionProvisioningTimeout" => {
            format!("Provisioning of VM extension '{name}' has timed out. {}", fault.message)
        }
        _ => fault.message.clone(),
    };
    Fault { message, details: Vec::new(), ..fault }
}

fn silent(vm: &str) -> Fault {
    let message = format!(
        "VM '{vm}' has not reported status for VM agent or extensions. Please verify that its agent runs and reaches this server. The change stays queued and is made when the agent answers."
    );
    Fault::new(FaultKind::Unavailable, "VMAgentStatusCommunicationError", message)
}
