//! Starting a machine.

use std::sync::atomic::Ordering;

use control::compute::LabVm;

use super::{
    super::{
        LabError,
        folders::make_private,
        method::Method,
        process::{MachineRecord, MachineSpec, Purpose, remove_cgroup},
    },
    Lab,
    boot::boot,
};

impl Lab {
    /// Starts a machine or finds it running; answers how it is isolated.
    pub(super) async fn start_machine(&self, vm: &LabVm) -> Result<String, LabError> {
        let _turn = self.turn(vm.id).await;
        let folder = self.inner.folders.machine(vm.id);
        if let Some(record) = MachineRecord::read(&folder).filter(MachineRecord::runs) {
            return Ok(record.method.words(record.outside_network));
        }
        if self.inner.closing.load(Ordering::SeqCst) {
            return Err(LabError::Closing);
        }
        if !self.inner.agent.is_file() {
            return Err(LabError::NoAgent(self.inner.agent.clone()));
        }
        let method = self.method(vm.risk_accepted)?;
        make_private(&folder).map_err(LabError::file(&folder))?;
        let spec = MachineSpec {
            id: vm.id.to_string(),
            host_name: vm.name.to_string(),
            method,
            outside_network: vm.outside_network,
            folder,
            portal: self.inner.folders.portal.clone(),
            agent: self.inner.agent.clone(),
            hide: self.inner.hide.clone(),
            enrolment_token: vm.enrolment_token.clone(),
            purpose: Purpose::Run,
        };
        if let Err(trouble) = boot(&self.inner.program, &spec).await {
            remove_cgroup(&spec.id);
            return Err(trouble);
        }
        tracing::info!(id = %vm.id, name = %vm.name, ?method, "lab machine started");
        Ok(method.words(vm.outside_network))
    }

    fn method(&self, risk_accepted: bool) -> Result<Method, LabError> {
        match self.inner.verdict.method {
            Some(method) => Ok(method),
            None if risk_accepted => Ok(Method::Bare),
            None => Err(LabError::NotPermitted(self.inner.verdict.explanation.clone())),
        }
    }
}
