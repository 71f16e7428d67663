//! The service manager, through its own client.

use std::process::{Command, Stdio};

use super::InstallError;

/// `systemctl`, as it is found on `PATH`.
#[derive(Debug, Default)]
pub(super) struct Systemctl;

impl Systemctl {
    /// Has it done, or says why not.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<(), InstallError> {
        let failed = |reason: String| InstallError::Systemctl { command: arguments.join(" "), reason };
        let output = Command::new("systemctl").args(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(|error| failed(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.success() {
            true => Ok(()),
            false if said.trim().is_empty() => Err(failed(output.status.to_string())),
            false => Err(failed(said.trim().to_owned())),
        }
    }

    /// Asks a question that is answered by yes or no (`is-active`, `is-enabled`).
    pub(super) fn is(&self, question: &str, unit: &str) -> Result<bool, InstallError> {
        let arguments = [question, "--quiet", unit];
        let failed =
            |error: std::io::Error| InstallError::Systemctl { command: arguments.join(" "), reason: error.to_string() };
        let mut command = Command::new("systemctl");
        let command = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.status().map_err(failed)?.success())
    }

    /// Whether a unit runs now and after the next start of the system.
    pub(super) fn is_up(&self, unit: &str) -> Result<bool, InstallError> {
        Ok(self.is("is-enabled", unit)? && self.is("is-active", unit)?)
    }

    /// Enables and starts a unit that is not; starts it again when it `changed`.
    pub(super) fn bring_up(&self, unit: &str, changed: bool, done: &mut Vec<String>) -> Result<(), InstallError> {
        if !self.is("is-enabled", unit)? {
            self.run(&["enable", unit])?;
            done.push(format!("enabled {unit}"));
        }
        if changed || !self.is("is-active", unit)? {
            self.run(&["restart", unit])?;
            done.push(format!("started {unit}"));
        }
        Ok(())
    }
}
