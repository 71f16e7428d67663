//! Carries out power operations, and notices lab machines that ended by themselves.

use std::time::Duration;

use domain::{
    ids::{OperationId, VmId},
    operation::{Observation, OperationKind, StepName},
    vm::{MachineKind, PowerAction, PowerState},
};

use crate::{Control, Error, operations::driver::Touched};

impl Control {
    pub(crate) fn spawn_power(&self) {
        if !self.inner.compute.runs_machines() {
            return;
        }
        let control = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = control.inner.shutdown.cancelled() => return,
                    () = control.inner.power_wake.notified() => {}
                    () = tokio::time::sleep(Duration::from_secs(3)) => {}
                }
                if let Err(error) = control.power_reconcile().await {
                    tracing::warn!(fault = error.fault().code, "power changes did not finish; they are tried again");
                }
            }
        });
    }

    /// Carries out what is open, side by side; then compares the rest with the kernel.
    async fn power_reconcile(&self) -> Result<(), Error> {
        let open = self.inner.store.read().await?.target_open_all().await?;
        let jobs = open.into_iter().filter_map(|row| match row.target.kind {
            OperationKind::Power(action) => {
                Some(self.power_carry_out(row.target.operation_id, row.target.vm_id, action))
            }
            _ => None,
        });
        for result in futures::future::join_all(jobs).await {
            result?;
        }
        let running = self.inner.compute.running().await;
        let machines = self.inner.store.read().await?.vm_all().await?;
        for vm in machines.into_iter().filter(|vm| vm.kind == MachineKind::Lab) {
            if vm.power == PowerState::Running && !running.contains(&vm.id) {
                self.lab_power_seen(vm.id, PowerState::Stopped, None).await?;
            }
        }
        Ok(())
    }

    /// All calls of the lab can be repeated, so an action that a crash cut short is simply done again.
    async fn power_carry_out(&self, operation: OperationId, id: VmId, action: PowerAction) -> Result<(), Error> {
        if matches!(action, PowerAction::Stop | PowerAction::Restart) {
            let stopped = self.inner.compute.stop(id).await;
            let failed = stopped.as_ref().err().cloned();
            if action == PowerAction::Stop || failed.is_some() {
                let power = if failed.is_some() { PowerState::Running } else { PowerState::Stopped };
                self.lab_power_seen(id, power, None).await?;
            }
            self.power_observe(operation, id, StepName::PoweredOff, failed.clone()).await?;
            if failed.is_some() {
                return Ok(());
            }
        }
        if matches!(action, PowerAction::Start | PowerAction::Restart) {
            let Some(vm) = self.inner.store.read().await?.vm_get(id).await? else { return Ok(()) };
            let started = self.inner.compute.start(&self.lab_vm(&vm).await?).await;
            let (power, isolation, failed) = match started {
                Ok(isolation) => (PowerState::Running, Some(isolation), None),
                Err(why) => (PowerState::Stopped, None, Some(why)),
            };
            self.lab_power_seen(id, power, isolation).await?;
            self.power_observe(operation, id, Self::last_power_step(action), failed).await?;
        }
        Ok(())
    }

    async fn power_observe(
        &self,
        operation: OperationId,
        id: VmId,
        step: StepName,
        error: Option<String>,
    ) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        if let Some(row) = tx.target_get(operation, id).await? {
            self.observe(&mut tx, row, &Observation::Power { step, error }, &mut touched).await?;
        }
        self.commit(tx, touched).await
    }
}
