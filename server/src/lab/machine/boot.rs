//! Running `lab-boot` and `lab-erase`: one JSON document in, one answer out.

use std::{path::Path, process::Stdio, time::Duration};

use serde::Serialize;
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::super::{
    LabError,
    process::{Answer, BOOT, ERASE, EraseSpec, MachineSpec},
};

/// Making private copies on a busy disk takes a while; nothing else does.
const LONGEST: Duration = Duration::from_secs(60);

/// Brings a machine up.
pub(in super::super) async fn boot(program: &Path, spec: &MachineSpec) -> Result<(), LabError> {
    run(program, BOOT, spec).await
}

/// Removes a disk with the ids that wrote it.
pub(super) async fn erase(program: &Path, spec: &EraseSpec) -> Result<(), LabError> {
    run(program, ERASE, spec).await
}

async fn run(program: &Path, word: &str, spec: &impl Serialize) -> Result<(), LabError> {
    let text = serde_json::to_vec(spec).map_err(|e| LabError::Boot(e.to_string()))?;
    let mut child = Command::new(program)
        .arg(word)
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(LabError::file(program))?;
    if let Some(mut pipe) = child.stdin.take() {
        // If it ended already, its answer says why.
        let _ = pipe.write_all(&text).await;
    }
    let output = timeout(LONGEST, child.wait_with_output()).await.map_err(|_| LabError::Slow(LONGEST))?;
    let output = output.map_err(LabError::file(program))?;
    match serde_json::from_slice(&output.stdout) {
        Ok(Answer::Up) => Ok(()),
        Ok(Answer::Failed(trouble)) => Err(LabError::Boot(trouble)),
        Err(_) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(LabError::Boot(format!("{word} ended with {} and said {:?}", output.status, said.trim())))
        }
    }
}
