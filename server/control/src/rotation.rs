//! A machine has a new key: what is protected is enveloped for it from the next goal state on.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{activity::Outcome, actor::Actor, ids::VmId, live::Topic};

use crate::{Control, Error, operations::driver::Touched};

impl Control {
    /// Takes a machine's new certificate (DER). The one it has already changes nothing.
    pub async fn certificate_put(&self, vm: VmId, certificate_der: &[u8]) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.inner.store.begin().await?;
        let machine = self.vm_of(&mut tx, vm).await?;
        if !tx.agent_certificate(vm, &STANDARD.encode(certificate_der)).await? {
            return Ok(());
        }
        // agents fetch certificates and settings with a goal state, and only then
        let incarnation = tx.goal_state_raise(vm, now).await?;
        let mut touched = Touched::default();
        touched.vm(vm);
        touched.topic(Topic::Activity);
        touched.goal_state(vm, incarnation);
        let action = "replaced the machine's certificate";
        self.note(&mut tx, &Actor::system(), action, Some(&machine), Outcome::Succeeded, None).await?;
        self.commit(tx, touched).await?;
        self.inner.contacts.forget_credential(vm);
        Ok(())
    }
}
