//! Where machines come from: what Annex can do with the power of a machine that it runs itself.

use async_trait::async_trait;
use domain::{ids::VmId, name::VmName, portal::LabIsolation, secret::Secret};

/// A lab machine as its host needs to know it.
#[derive(Clone, Debug)]
pub struct LabVm {
    /// Its id; names its disk.
    pub id: VmId,
    /// Its host name.
    pub name: VmName,
    /// May reach addresses outside.
    pub outside_network: bool,
    /// Enrols it when it starts for the first time.
    pub enrolment_token: Option<Secret>,
    /// The owner accepted that it runs without isolation where the host permits none.
    pub risk_accepted: bool,
}

/// Runs machines. All calls can be repeated.
#[async_trait]
pub trait Compute: Send + Sync {
    /// Starts a machine, or finds it running; the answer says in words how it is isolated. Error: a sentence for the owner.
    async fn start(&self, vm: &LabVm) -> Result<String, String>;
    /// Ends every process of a machine; its disk stays.
    async fn stop(&self, id: VmId) -> Result<(), String>;
    /// Stops a machine and erases its disk.
    async fn erase(&self, id: VmId) -> Result<(), String>;
    /// Machines that run now, as the kernel says.
    async fn running(&self) -> Vec<VmId>;
    /// What the host permits.
    fn isolation(&self) -> LabIsolation;
    /// Does this process run machines at all? Of several processes on one database, one does.
    fn runs_machines(&self) -> bool {
        true
    }
}

/// A host that runs no machines.
pub struct NoCompute;

#[async_trait]
impl Compute for NoCompute {
    async fn start(&self, _vm: &LabVm) -> Result<String, String> {
        Err("The lab is switched off on this server.".into())
    }
    async fn stop(&self, _id: VmId) -> Result<(), String> {
        Ok(())
    }
    async fn erase(&self, _id: VmId) -> Result<(), String> {
        Ok(())
    }
    async fn running(&self) -> Vec<VmId> {
        Vec::new()
    }
    fn runs_machines(&self) -> bool {
        false
    }
    fn isolation(&self) -> LabIsolation {
        LabIsolation {
            isolated: false,
            explanation: "The lab is switched off on this server.".into(),
            risk_accepted: false,
        }
    }
}
