//! Enrolment: a single-use token becomes a machine's credential.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    activity::{ActivityEntry, Outcome},
    actor::{Actor, Permission},
    fault::{Fault, FaultKind},
    generation::{Generation, Incarnation},
    guest_agent::{AgentKind, ENROLMENT_LONGEST_MINUTES, EnrolmentOffer},
    ids::{EnrolmentTokenId, VmId},
    live::Topic,
    name::VmName,
    secret::Secret,
    timestamp::Timestamp,
    vm::{MachineKind, OsInfo, PowerState, Vm},
};
use store::{EnrolmentTokenRow, NewAgent, Tx};

use crate::{Control, Error, operations::driver::Touched, secrets};

/// What a machine says when it enrols.
#[derive(Clone, Debug)]
pub struct EnrolRequest {
    /// The single-use token.
    pub token: Secret,
    /// `/etc/machine-id` of the machine.
    pub machine_id: String,
    /// What it calls itself.
    pub hostname: String,
    /// Its operating system.
    pub os: OsInfo,
    /// Its architecture in the kernel's words.
    pub architecture: String,
    /// Which agent will talk to us.
    pub agent_kind: AgentKind,
    /// Its version.
    pub agent_version: String,
    /// The certificate that its protected settings are to be enveloped for (DER).
    pub certificate_der: Vec<u8>,
}

/// What a machine gets.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// Its id.
    pub vm_id: VmId,
    /// The name it is known by.
    pub vm_name: VmName,
    /// What it shows with every request from now on; kept only as a hash here.
    pub credential: Secret,
    /// The key that packages are signed with.
    pub package_key: [u8; 32],
    /// The server's time.
    pub server_time: Timestamp,
}

impl Control {
    /// Makes a token for one machine that is to be registered when it enrols.
    pub(crate) async fn enrolment_offer_make(
        &self,
        actor: &Actor,
        name: &str,
        minutes: u32,
    ) -> Result<EnrolmentOffer, Error> {
        actor.require_in(Permission::ManageMachines, &default_group())?;
        check_minutes(minutes)?;
        let name: Option<VmName> = if name.trim().is_empty() { None } else { Some(name.parse()?) };
        let mut tx = self.inner.store.begin().await?;
        if let Some(name) = &name
            && tx.vm_by_name(&default_group(), name).await?.is_some()
        {
            return Err(Fault::new(
                FaultKind::Conflict,
                "ResourceExists",
                format!("There is a machine {name} already."),
            )
            .at("name")
            .into());
        }
        let offer = self.enrolment_token(&mut tx, &actor.name, None, name.as_ref(), minutes).await?;
        let mut touched = Touched::default();
        touched.topic(Topic::Activity);
        self.note(
            &mut tx,
            actor,
            "made an enrolment token",
            None,
            Outcome::Succeeded,
            name.map(|n| format!("for {n}")),
        )
        .await?;
        self.commit(tx, touched).await?;
        Ok(offer)
    }

    /// Makes a token for a machine that is registered: it lets this very machine in, and what it had before is void then.
    pub(crate) async fn enrolment_offer_for_machine(
        &self,
        actor: &Actor,
        id: VmId,
        minutes: u32,
    ) -> Result<EnrolmentOffer, Error> {
        check_minutes(minutes)?;
        let mut tx = self.inner.store.begin().await?;
        let vm = self.vm_of(&mut tx, id).await?;
        actor.require_on(Permission::ManageMachines, &vm)?;
        vm.enrolment_allowed()?;
        let offer = self.enrolment_token(&mut tx, &actor.name, Some(id), None, minutes).await?;
        let mut touched = Touched::default();
        touched.vm(id);
        touched.topic(Topic::Activity);
        self.note(&mut tx, actor, "made an enrolment token", Some(&vm), Outcome::Succeeded, None).await?;
        self.commit(tx, touched).await?;
        Ok(offer)
    }

    /// Registers a machine by name, without an agent.
    pub(crate) async fn register_vm(&self, actor: &Actor, name: &str) -> Result<Vm, Error> {
        let vm = Vm { name: name.parse()?, ..self.new_external() };
        actor.require_in(Permission::ManageMachines, &vm.resource_group)?;
        let mut tx = self.inner.store.begin().await?;
        tx.vm_insert(&vm, None).await?;
        let mut touched = Touched::default();
        touched.vm(vm.id);
        touched.topic(Topic::Activity);
        self.note(&mut tx, actor, "registered the machine", Some(&vm), Outcome::Succeeded, None).await?;
        self.commit(tx, touched).await?;
        Ok(vm)
    }

    /// What a person gets to see of a token that was made now.
    pub(crate) fn offer(&self, token: String, machine: Option<VmId>, expires_at: Timestamp) -> EnrolmentOffer {
        let config = &self.inner.config;
        let (server_url, authority) = (config.server_url.clone(), config.authority.clone());
        EnrolmentOffer { token, machine, made_at: self.now(), expires_at, server_url, authority }
    }

    /// A machine of which nothing is known but that it is somebody's own.
    pub(crate) fn new_external(&self) -> Vm {
        Vm {
            id: VmId::new(self.new_uuid()),
            name: "machine".parse().expect("a good name"),
            resource_group: default_group(),
            location: domain::name::Location::usual(),
            kind: MachineKind::External,
            power: PowerState::Unknown,
            os: None,
            architecture: None,
            hostname: None,
            tags: Default::default(),
            allow_extension_operations: true,
            provision_guest_agent: false,
            outside_network: true,
            isolation: None,
            agent: None,
            incarnation: Incarnation::default(),
            created_at: self.now(),
            generation: Generation::default(),
        }
    }

    /// Writes a new token; `vm` binds it to a registered machine. Without one, the machine that there will be gets the token's
    /// own id, so that whoever waits for it does not take another one for it.
    pub(crate) async fn enrolment_token(
        &self,
        tx: &mut Tx,
        created_by: &str,
        vm: Option<VmId>,
        name: Option<&VmName>,
        minutes: u32,
    ) -> Result<EnrolmentOffer, Error> {
        let now = self.now();
        let id = EnrolmentTokenId::new(self.new_uuid());
        let token = secrets::new_token("annex-enrol", self.inner.context.ids.as_ref());
        let expires_at = now.plus_millis(i64::from(minutes) * 60_000);
        tx.enrolment_token_insert(&EnrolmentTokenRow {
            id,
            token_hash: secrets::hash(&token),
            vm_id: vm,
            vm_name: name.map(ToString::to_string),
            created_by: created_by.to_owned(),
            created_at: now,
            expires_at,
            used_at: None,
        })
        .await?;
        Ok(self.offer(token, vm.or(Some(VmId::new(id.uuid()))), expires_at))
    }

    /// Turns a token into a credential, registering the machine when the token is not for a registered one.
    ///
    /// Errors: `InvalidToken` for a token that is unknown, used or expired (all three read alike to a stranger);
    /// `TooManyRequests` when `remote`, the address it comes from, has shown too many of those;
    /// `InvalidParameter` for facts that cannot be.
    pub async fn enrol(&self, request: EnrolRequest, remote: &str) -> Result<Enrolled, Error> {
        self.inner.enrolments.check(remote, self.steady())?;
        let enrolled = self.enrol_with_token(request).await;
        if enrolled.as_ref().is_err_and(|error| error.fault().code == refused().code) {
            self.inner.enrolments.note(remote, self.steady());
        }
        enrolled
    }

    async fn enrol_with_token(&self, request: EnrolRequest) -> Result<Enrolled, Error> {
        let now = self.now();
        let mut tx = self.inner.store.begin().await?;
        let invited = self.use_token(&mut tx, &request).await?;
        let vm = self.enrolling_machine(&mut tx, &invited, &request).await?;
        let credential = secrets::new_token("annex-machine", self.inner.context.ids.as_ref());
        tx.agent_put(&NewAgent {
            vm_id: vm.id,
            kind: request.agent_kind,
            version: request.agent_version.chars().take(60).collect(),
            credential_hash: secrets::hash(&credential),
            certificate: Some(STANDARD.encode(&request.certificate_der)),
            enrolled_at: now,
        })
        .await?;
        self.agent_enrolled(&mut tx, vm.id, &request, now).await?;
        // protected settings must be enveloped for the new certificate, and the agent starts from nothing
        let incarnation = tx.goal_state_raise(vm.id, now).await?;
        let mut touched = Touched::default();
        touched.vm(vm.id);
        touched.topic(Topic::Activity);
        touched.goal_state(vm.id, incarnation);
        let by = Actor { name: invited.by, ..Actor::system() };
        self.note(
            &mut tx,
            &by,
            "enrolled the machine",
            Some(&vm),
            Outcome::Succeeded,
            Some(request.os.pretty_name.clone()),
        )
        .await?;
        self.commit(tx, touched).await?;
        self.inner.contacts.forget(vm.id);
        let package_key = self.inner.keys.package_key();
        Ok(Enrolled {
            vm_id: vm.id,
            vm_name: vm.name,
            credential: Secret::new(credential),
            package_key,
            server_time: now,
        })
    }

    /// Takes one use of the token, whichever kind it is.
    async fn use_token(&self, tx: &mut Tx, request: &EnrolRequest) -> Result<Invited, Error> {
        let now = self.now();
        let hash = secrets::hash(request.token.reveal());
        let Some(token) = tx.enrolment_token_get(&hash).await? else {
            return self.use_image_token(tx, &hash, request).await;
        };
        if token.used_at.is_some() || token.expires_at <= now || !tx.enrolment_token_use(token.id, now).await? {
            return Err(refused().into());
        }
        Ok(Invited {
            by: token.created_by,
            vm: token.vm_id,
            becomes: Some(VmId::new(token.id.uuid())),
            name: token.vm_name,
            prefix: String::new(),
        })
    }

    /// The registered machine of the token with the facts it told, or a new one.
    async fn enrolling_machine(&self, tx: &mut Tx, token: &Invited, request: &EnrolRequest) -> Result<Vm, Error> {
        let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let os = OsInfo {
            id: short(&request.os.id),
            version: short(&request.os.version),
            pretty_name: short(&request.os.pretty_name),
        };
        if let Some(id) = token.vm {
            let Some(mut vm) = tx.vm_get(id).await? else { return Err(refused().into()) };
            (vm.os, vm.architecture) = (Some(os), Some(short(&request.architecture)));
            vm.hostname = Some(short(&request.hostname));
            vm.provision_guest_agent = true;
            tx.vm_update(&vm).await?;
            return Ok(vm);
        }
        let wanted = token.name.clone().unwrap_or_else(|| prefixed(&token.prefix, &request.hostname));
        let name: VmName = wanted.parse().map_err(|fault: Fault| {
            Fault::invalid("hostname", format!("{} Give the machine a name when you make the token.", fault.message))
        })?;
        let name = self.free_name(tx, name).await?;
        let new = self.new_external();
        let vm = Vm {
            id: token.becomes.unwrap_or(new.id),
            name,
            os: Some(os),
            architecture: Some(short(&request.architecture)),
            hostname: Some(short(&request.hostname)),
            provision_guest_agent: true,
            ..new
        };
        tx.vm_insert(&vm, Some(&request.machine_id)).await?;
        Ok(vm)
    }

    /// The name itself, or with a number behind it when it is taken: two machines may have one host name.
    async fn free_name(&self, tx: &mut Tx, name: VmName) -> Result<VmName, Error> {
        let mut candidate = name.clone();
        for number in 2..1000 {
            if tx.vm_by_name(&default_group(), &candidate).await?.is_none() {
                return Ok(candidate);
            }
            let stem: String = name.as_str().chars().take(60).collect();
            candidate = format!("{stem}-{number}").parse()?;
        }
        Err(Fault::new(FaultKind::Conflict, "ResourceExists", format!("There are too many machines named {name}."))
            .into())
    }

    /// Adds a line to the activity log about something that took effect at once.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        action: &str,
        vm: Option<&Vm>,
        outcome: Outcome,
        detail: Option<String>,
    ) -> Result<(), Error> {
        tx.activity_add(&ActivityEntry {
            number: 0,
            at: self.now(),
            actor: actor.name.clone(),
            action: action.to_owned(),
            outcome,
            vm: vm.map(|vm| (vm.id, vm.name.to_string())),
            extension: None,
            operation: None,
            detail,
        })
        .await?;
        Ok(())
    }
}

/// The group of machines for which nobody chose one.
pub(crate) fn default_group() -> domain::name::ResourceGroupName {
    domain::name::ResourceGroupName::usual()
}

/// What a token says about the machine that shows it.
pub(crate) struct Invited {
    /// Who made the token.
    pub(crate) by: String,
    /// The registered machine that it is for.
    pub(crate) vm: Option<VmId>,
    /// The id that a new machine gets; without it, any.
    pub(crate) becomes: Option<VmId>,
    /// The name that the machine gets; without it, its host name.
    pub(crate) name: Option<String>,
    /// Goes before the host name.
    pub(crate) prefix: String,
}

/// A host name with something before it, cut where the two are longer than a name may be.
fn prefixed(prefix: &str, hostname: &str) -> String {
    let whole = format!("{prefix}{hostname}");
    let cut: String = whole.chars().take(60).collect();
    if prefix.is_empty() { whole } else { cut.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned() }
}

fn check_minutes(minutes: u32) -> Result<(), Fault> {
    if (1..=ENROLMENT_LONGEST_MINUTES).contains(&minutes) {
        return Ok(());
    }
    Err(Fault::invalid("minutes", format!("A token lives 1 to {ENROLMENT_LONGEST_MINUTES} minutes.")))
}

pub(crate) fn refused() -> Fault {
    Fault::new(
        FaultKind::Forbidden,
        "InvalidToken",
        "This enrolment token does not work: it was used, has expired, or never existed. Make a new one under Machines, Add machine.",
    )
}
