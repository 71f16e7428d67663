//! What the page about programs and roles shows.

use domain::{
    access::{AccessView, Candidate, PrincipalKind},
    actor::{Actor, Permission},
    ids::PrincipalId,
    page::PageRequest,
    vm::VmFilter,
};

use crate::{Control, Error};

/// Most machines that are offered by name.
const MACHINES_MOST: u32 = 200;

impl Control {
    pub(crate) async fn view_access(&self, actor: &Actor) -> Result<AccessView, Error> {
        actor.require_somewhere(Permission::ManageAccounts)?;
        let installation = self.installation().await?;
        let assignments = self.list_roles(actor).await?;
        let mut conn = self.inner.store.read().await?;
        let principals: Vec<_> = conn.service_principal_list().await?.into_iter().map(|row| row.principal).collect();
        let (now, secrets) = (self.now(), principals.iter().flat_map(|principal| &principal.secrets));
        let days_left = secrets.map(|note| (note.id, note.days_left(now))).collect();
        let accounts = conn.account_list().await?.into_iter().map(|row| row.account);
        let filter = VmFilter { sort: "name".into(), ..VmFilter::default() };
        let machines = conn.vm_page(&filter, PageRequest::new(1, MACHINES_MOST), now).await?.items;
        let groups = conn.resource_group_list().await?.into_iter().map(|group| group.name);
        let groups = groups.filter(|group| actor.may_in(Permission::Read, group)).collect();
        let candidate = |id, kind, name| Candidate { id, kind, name, group: None };
        let programs = principals.iter().map(|p| candidate(p.id, PrincipalKind::ServicePrincipal, p.name.clone()));
        let people = accounts.map(|a| candidate(PrincipalId::new(a.id.uuid()), PrincipalKind::User, a.name));
        let machines = machines.iter().filter(|vm| actor.may_on(Permission::Read, vm)).map(|vm| Candidate {
            group: Some(vm.resource_group.clone()),
            ..candidate(PrincipalId::new(vm.id.uuid()), PrincipalKind::Machine, vm.name.to_string())
        });
        Ok(AccessView {
            candidates: programs.chain(people).chain(machines).collect(),
            principals,
            assignments,
            groups,
            api_url: self.inner.config.api_url.clone(),
            private_authority: self.inner.config.api_authority.is_some(),
            installation,
            refusal: actor.require(Permission::ManageAccounts).err(),
            days_left,
        })
    }

    /// Certificate (PEM) of the authority that programs must trust to use the API; `None`: the usual ones will do, or there
    /// is no TLS.
    pub fn api_authority(&self) -> Option<&str> {
        self.inner.config.api_authority.as_deref()
    }
}
