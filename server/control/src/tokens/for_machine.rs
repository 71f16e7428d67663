//! A token for a machine as itself: whoever may speak with its credential may have one (Azure: managed identity).

use domain::{
    fault::{Fault, FaultKind},
    ids::{PrincipalId, VmId},
};

use super::{claims::Bearer, issue::wrong_resource};
use crate::{Control, Error, IssuedToken};

impl Control {
    /// A token that stands for the machine, with the roles that were given to it. `origin`: scheme and authority of the
    /// request.
    ///
    /// Errors: `InvalidResource`; `Unauthenticated` when the machine is gone.
    pub async fn token_for_machine(&self, vm: VmId, resource: &str, origin: &str) -> Result<IssuedToken, Error> {
        let audience = self.own_audience(resource, origin).ok_or_else(|| wrong_resource(resource))?;
        let machine = self.inner.store.read().await?.vm_get(vm).await?;
        let Some((agent, machine)) = machine.and_then(|vm| Some((vm.agent.clone()?, vm))) else {
            let message = "This machine is not enrolled any more.";
            return Err(Fault::new(FaultKind::Unauthenticated, "Unauthenticated", message).into());
        };
        let subscription = self.installation().await?.subscription_id;
        let resource_id = format!(
            "/subscriptions/{subscription}/resourcegroups/{}/providers/Microsoft.Compute/virtualMachines/{}",
            machine.resource_group, machine.name
        );
        let bearer = Bearer {
            principal: PrincipalId::new(vm.uuid()),
            app: vm.to_string(),
            resource_id: Some(resource_id),
            stamp: agent.enrolled_at,
            secret: None,
        };
        // whoever shows the token reaches the API there, however the machine reached the server
        let origin = self.inner.config.api_url.as_deref().unwrap_or(origin);
        self.sign_token(bearer, audience, origin).await
    }
}
