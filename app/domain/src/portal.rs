//! What the portal's pages may ask: one trait for each area, joined by [`Portal`]. Every call names who asks.
//!
//! All methods fail with [`Fault`]; common to all are `AuthorizationFailed` and `Unavailable`.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    access::{AccessView, Installation, NewSecret, RoleAssignment, RoleOrder},
    activity::{ActivityEntry, ActivityFilter},
    actor::{Account, Actor, Role},
    agent_history::AgentHistory,
    api_reference::ApiReference,
    enrolment::{EnrolScript, ImageToken, ImageTokenOrder},
    extension::{ExtensionDetail, ExtensionForm, PreflightRow},
    extension_image::{ImageDetail, Marketplace, MarketplaceFilter},
    fault::Fault,
    generation::Generation,
    guest_agent::EnrolmentOffer,
    home::{Frame, Home},
    ids::{AccountId, ImageTokenId, OperationId, PrincipalId, RoleAssignmentId, SecretId, VmId},
    name::{ExtensionName, ExtensionType, Publisher},
    operation::{OperationDetail, OperationFilter, OperationSummary},
    page::{Page, PageRequest},
    run_output::RunOutput,
    scope::Scope,
    secret::Secret,
    version::ExtensionVersion,
    vm::{PowerAction, Vm, VmDetail, VmFilter, VmSummary},
};

type Answer<T> = Result<T, Fault>;

/// Machines.
#[async_trait]
pub trait VmCalls: Send + Sync {
    /// One page of machines.
    async fn vm_list(&self, actor: &Actor, filter: VmFilter, page: PageRequest) -> Answer<Page<VmSummary>>;
    /// One machine; `ResourceNotFound`.
    async fn vm_get(&self, actor: &Actor, id: VmId) -> Answer<VmDetail>;
    /// The machine as ARM's instance view shows it: raw JSON.
    async fn vm_instance_view(&self, actor: &Actor, id: VmId) -> Answer<serde_json::Value>;
    /// Start, stop or restart.
    async fn vm_power(&self, actor: &Actor, id: VmId, action: PowerAction) -> Answer<OperationId>;
    /// Replaces the tags.
    async fn vm_tags_put(&self, actor: &Actor, id: VmId, tags: BTreeMap<String, String>) -> Answer<()>;
    /// Forgets the machine: its credential dies at once; a lab machine is stopped and its disk erased.
    async fn vm_delete(&self, actor: &Actor, id: VmId) -> Answer<()>;
    /// A new lab machine; it starts at once.
    async fn lab_vm_create(&self, actor: &Actor, name: String, outside_network: bool) -> Answer<Vm>;
    /// May a lab machine reach addresses outside? Takes effect when it next starts.
    async fn lab_vm_network(&self, actor: &Actor, id: VmId, outside: bool) -> Answer<()>;
    /// How the lab isolates its machines on this host, or why it cannot.
    async fn lab_isolation(&self, actor: &Actor) -> Answer<LabIsolation>;
    /// Accept that lab machines run with the rights of the server's user, without isolation.
    async fn lab_accept_risk(&self, actor: &Actor, accepted: bool) -> Answer<()>;
    /// A single-use token that enrols one machine. `name`: the name it gets; empty takes its host name.
    async fn enrolment_offer(&self, actor: &Actor, name: String, minutes: u32) -> Answer<EnrolmentOffer>;
    /// The same for a registered machine: when it enrols, what it had before is void.
    async fn enrolment_offer_for(&self, actor: &Actor, vm: VmId, minutes: u32) -> Answer<EnrolmentOffer>;
    /// The script for one way of putting an agent on a machine. No token is in it.
    async fn enrol_script(&self, actor: &Actor, script: EnrolScript) -> Answer<String>;
    /// A machine without an agent, by name.
    async fn vm_register(&self, actor: &Actor, name: String) -> Answer<Vm>;
    /// Whether extensions on the machine may be changed.
    async fn vm_allow_extensions(&self, actor: &Actor, id: VmId, allowed: bool) -> Answer<()>;
    /// Whether an agent is there, said by hand.
    async fn vm_agent_present(&self, actor: &Actor, id: VmId, present: bool) -> Answer<()>;
    /// Tokens that are kept in images, newest first.
    async fn image_token_list(&self, actor: &Actor) -> Answer<Vec<ImageToken>>;
    /// A new one; it is shown once.
    async fn image_token_create(&self, actor: &Actor, order: ImageTokenOrder) -> Answer<EnrolmentOffer>;
    /// Takes one back; machines that used it stay.
    async fn image_token_revoke(&self, actor: &Actor, id: ImageTokenId) -> Answer<()>;
}

/// The agents on machines.
#[async_trait]
pub trait AgentCalls: Send + Sync {
    /// The history of a machine's agent, with one page of its events, newest first; `ResourceNotFound`.
    async fn agent_history(&self, actor: &Actor, vm: VmId, page: PageRequest) -> Answer<AgentHistory>;
    /// The bytes of a log that it collected: a zip. `ResourceNotFound`: the newest few of a machine are kept.
    async fn agent_log(&self, actor: &Actor, vm: VmId, number: i64) -> Answer<Vec<u8>>;
}

/// What the host allows the lab.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LabIsolation {
    /// True when namespaces work.
    pub isolated: bool,
    /// How, or why not, in a sentence.
    pub explanation: String,
    /// The owner accepted running without isolation.
    pub risk_accepted: bool,
}

/// The marketplace.
#[async_trait]
pub trait ImageCalls: Send + Sync {
    /// What is offered.
    async fn image_list(&self, actor: &Actor, filter: MarketplaceFilter) -> Answer<Marketplace>;
    /// One offer; `version` empty means the newest. `ResourceNotFound` names what exists.
    async fn image_get(
        &self,
        actor: &Actor,
        publisher: Publisher,
        extension_type: ExtensionType,
        version: Option<ExtensionVersion>,
    ) -> Answer<ImageDetail>;
}

/// Extensions on machines.
#[async_trait]
pub trait ExtensionCalls: Send + Sync {
    /// One extension on one machine.
    async fn extension_get(&self, actor: &Actor, vm: VmId, name: ExtensionName) -> Answer<ExtensionDetail>;
    /// What [`Self::extension_put`] would do or refuse, machine by machine; settings findings fail it as they would fail the put.
    async fn extension_preflight(&self, actor: &Actor, form: ExtensionForm) -> Answer<Vec<PreflightRow>>;
    /// Installs, or changes settings. All machines or none.
    async fn extension_put(&self, actor: &Actor, form: ExtensionForm) -> Answer<OperationId>;
    /// Runs it again with the same settings and the next sequence number.
    async fn extension_run_again(
        &self,
        actor: &Actor,
        vm: VmId,
        name: ExtensionName,
        seen: Option<Generation>,
    ) -> Answer<OperationId>;
    /// Moves it to another version, up or down.
    async fn extension_change_version(
        &self,
        actor: &Actor,
        vm: VmId,
        name: ExtensionName,
        version: ExtensionVersion,
        seen: Option<Generation>,
    ) -> Answer<OperationId>;
    /// Restores an earlier revision.
    async fn extension_roll_back(
        &self,
        actor: &Actor,
        vm: VmId,
        name: ExtensionName,
        revision: i64,
        seen: Option<Generation>,
    ) -> Answer<OperationId>;
    /// Removes it.
    async fn extension_remove(&self, actor: &Actor, vm: VmId, name: ExtensionName) -> Answer<OperationId>;
}

/// Operations.
#[async_trait]
pub trait OperationCalls: Send + Sync {
    /// One page of operations, open ones first, then newest first.
    async fn operation_list(
        &self,
        actor: &Actor,
        filter: OperationFilter,
        page: PageRequest,
    ) -> Answer<Page<OperationSummary>>;
    /// One operation.
    async fn operation_get(&self, actor: &Actor, id: OperationId) -> Answer<OperationDetail>;
    /// Records of one machine's run from number `from` on, at most 2,000 at a time.
    async fn operation_output(&self, actor: &Actor, id: OperationId, vm: VmId, from: u64) -> Answer<RunOutput>;
    /// Withdraws what has not begun: on one machine, or on all.
    async fn operation_cancel(&self, actor: &Actor, id: OperationId, vm: Option<VmId>) -> Answer<()>;
    /// Tries again on the machines that failed; the new operation.
    async fn operation_retry(&self, actor: &Actor, id: OperationId) -> Answer<OperationId>;
}

/// Activity, home, accounts.
#[async_trait]
pub trait AccountCalls: Send + Sync {
    /// The frame around every page.
    async fn frame(&self, actor: &Actor) -> Answer<Frame>;
    /// The home page.
    async fn home(&self, actor: &Actor) -> Answer<Home>;
    /// One page of the activity log, newest first.
    async fn activity_list(
        &self,
        actor: &Actor,
        filter: ActivityFilter,
        page: PageRequest,
    ) -> Answer<Page<ActivityEntry>>;
    /// All accounts.
    async fn account_list(&self, actor: &Actor) -> Answer<Vec<Account>>;
    /// A new account.
    async fn account_create(&self, actor: &Actor, name: String, role: Role, password: Secret) -> Answer<Account>;
    /// Role and whether it may sign in; its sessions end. The last enabled Owner cannot be demoted.
    async fn account_update(&self, actor: &Actor, id: AccountId, role: Role, enabled: bool) -> Answer<()>;
    /// One's own password; other sessions of the account end.
    async fn password_change(&self, actor: &Actor, old: Secret, new: Secret) -> Answer<()>;
}

/// Programs that sign in, and roles at scopes.
#[async_trait]
pub trait AccessCalls: Send + Sync {
    /// Service principals, role assignments, and what forms about them offer.
    async fn access_view(&self, actor: &Actor) -> Answer<AccessView>;
    /// The scope that a form names. `place`: `subscription`, `group` or `machine`; `name`: the group's or the machine's.
    async fn scope_named(&self, actor: &Actor, place: &str, name: &str) -> Answer<Scope>;
    /// A new service principal with a secret for `days`, and a role when one is given.
    async fn principal_create(
        &self,
        actor: &Actor,
        name: String,
        days: u32,
        grant: Option<(Role, Scope)>,
    ) -> Answer<NewSecret>;
    /// Whether it may sign in. Disabling voids its tokens at once.
    async fn principal_enable(&self, actor: &Actor, id: PrincipalId, enabled: bool) -> Answer<()>;
    /// Forgets it with its secrets and roles.
    async fn principal_delete(&self, actor: &Actor, id: PrincipalId) -> Answer<()>;
    /// Another secret; at most [`crate::access::SECRETS_MOST`].
    async fn principal_secret_add(&self, actor: &Actor, id: PrincipalId, days: u32) -> Answer<NewSecret>;
    /// Takes a secret away, and with it the tokens that it got.
    async fn principal_secret_remove(&self, actor: &Actor, id: PrincipalId, secret: SecretId) -> Answer<()>;
    /// Gives a role: the same order again changes nothing. `RoleAssignmentExists`, `PrincipalNotFound`.
    async fn role_assign(&self, actor: &Actor, order: RoleOrder) -> Answer<RoleAssignment>;
    /// Role assignments at scopes that `actor` may look at, accounts' own roles included.
    async fn role_assignment_list(&self, actor: &Actor) -> Answer<Vec<RoleAssignment>>;
    /// One role assignment; `ResourceNotFound`.
    async fn role_assignment_get(&self, actor: &Actor, id: RoleAssignmentId) -> Answer<RoleAssignment>;
    /// Takes a role away; what it was, `None` when there was none.
    async fn role_unassign(&self, actor: &Actor, id: RoleAssignmentId) -> Answer<Option<RoleAssignment>>;
    /// What programs call this installation. Everybody may know.
    async fn installation_ids(&self) -> Answer<Installation>;
    /// A new key for tokens; those that were signed with the former one stay good.
    async fn token_key_rotate(&self, actor: &Actor) -> Answer<()>;
}

/// The API for programs.
#[async_trait]
pub trait ReferenceCalls: Send + Sync {
    /// What the API offers: operations that contain all words of `text`, and all of the one whose id is `operation`.
    /// `ResourceNotFound`: this portal has no API.
    async fn api_reference(&self, actor: &Actor, text: String, operation: String) -> Answer<ApiReference>;
}

/// Everything a page may ask.
pub trait Portal:
    VmCalls + AgentCalls + ImageCalls + ExtensionCalls + OperationCalls + AccountCalls + AccessCalls + ReferenceCalls
{
}

impl<T> Portal for T where
    T: VmCalls
        + AgentCalls
        + ImageCalls
        + ExtensionCalls
        + OperationCalls
        + AccountCalls
        + AccessCalls
        + ReferenceCalls
{
}
