//! "Show as": what an action or a form of the portal does, as text for programs.
//!
//! ```text
//!  Asked { place, deed } ──show(dialect)──► Shown::Text   az · REST · ARM template · Bicep · Terraform
//!        │                               └► Shown::No     why this dialect cannot say it, in one sentence
//!        └─ request: the one ARM request behind it; REST, `az rest` and Terraform's actions send exactly that
//! ```
//! Paths and bodies are those of the ARM API ([`API_VERSION`]). No secret comes in here: of protected settings only the
//! names are known, and every text has `<name>` or a secure parameter in their place.
//!
//! A version is shown as its line (`1.1`) with `autoUpgradeMinorVersion` off: that is as near as ARM comes to a form that
//! names one version. The API then takes the newest build of that line.

mod arm;
mod az;
mod bicep;
mod machine;
mod request;
mod rest;
mod role;
mod secrets;
mod shell;
mod sign_in;
mod terraform;
mod tree;
mod wanted;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::vm::{PowerAction, Vm};

pub use machine::MachineResource;
pub use role::{RolePlace, RoleToGive, RoleToTake};
pub use sign_in::{az_sign_in, token_lines};
pub use wanted::WantedExtension;

/// The `api-version` that every text names.
pub const API_VERSION: &str = "2024-11-01";
/// The location of extensions: that of a machine for which nobody chose one.
pub const LOCATION: &str = "annex";

/// The languages, in the order of their tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Lines for the `az` command line.
    #[default]
    Az,
    /// `curl` against the API.
    Rest,
    /// An ARM template.
    Arm,
    /// The same in Bicep.
    Bicep,
    /// Terraform with the provider `azapi`.
    Terraform,
}

impl Dialect {
    /// All of them, in the order of their tabs.
    pub const ALL: [Self; 5] = [Self::Az, Self::Rest, Self::Arm, Self::Bicep, Self::Terraform];

    /// The word in addresses and ids.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Az => "az",
            Self::Rest => "rest",
            Self::Arm => "arm",
            Self::Bicep => "bicep",
            Self::Terraform => "terraform",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.code() == code)
    }

    /// The word on the tab.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Az => "az",
            Self::Rest => "REST",
            Self::Arm => "ARM template",
            Self::Bicep => "Bicep",
            Self::Terraform => "Terraform",
        }
    }

    /// What somebody needs before the text works.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Az => "Sign in once with the lines that the page Access shows.",
            Self::Rest => {
                "APP_ID and APP_SECRET are a service principal's (page Access). `annex ca` prints annex-ca.pem."
            }
            Self::Arm => {
                "For templates that you keep. Annex takes no deployments itself: send it with az, REST or Terraform."
            }
            Self::Bicep => {
                "For templates that you keep. Annex takes no deployments itself: send it with az, REST or Terraform."
            }
            Self::Terraform => {
                "Set ARM_CLIENT_ID, ARM_CLIENT_SECRET and ARM_TENANT_ID (page Access), and SSL_CERT_FILE=annex-ca.pem."
            }
        }
    }
}

/// Where programs reach this portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiPlace {
    /// Address of the ARM API, without a slash at its end.
    pub url: String,
    /// The subscription of this installation.
    pub subscription_id: String,
}

/// A machine by its place in the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachinePlace {
    /// Its resource group.
    pub group: String,
    /// Its name.
    pub name: String,
}

impl MachinePlace {
    /// A machine.
    pub fn new(group: impl ToString, name: impl ToString) -> Self {
        Self { group: group.to_string(), name: name.to_string() }
    }

    /// A machine that is there.
    pub fn of(vm: &Vm) -> Self {
        Self::new(&vm.resource_group, &vm.name)
    }

    /// In place of a machine that is not chosen yet.
    pub fn unknown() -> Self {
        Self::new("<group>", "<machine>")
    }
}

/// Where something is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The API.
    pub api: ApiPlace,
    /// The machines; at least one.
    pub machines: Vec<MachinePlace>,
}

impl Place {
    /// Machines by resource group, both in the order in which they were chosen.
    fn groups(&self) -> Vec<(&str, Vec<&str>)> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for machine in &self.machines {
            match groups.iter_mut().find(|(group, _)| group.eq_ignore_ascii_case(&machine.group)) {
                Some((_, names)) => names.push(&machine.name),
                None => groups.push((&machine.group, vec![&machine.name])),
            }
        }
        groups
    }
}

/// What an action or form does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Installs an extension, or states all of it anew.
    Put(WantedExtension),
    /// Changes the settings; secrets and order stay as they are.
    ChangeSettings(WantedExtension),
    /// Runs it again with what it has.
    RunAgain(WantedExtension),
    /// Moves it to the version that is named; settings stay.
    ChangeVersion(WantedExtension),
    /// Takes an extension off.
    Remove {
        /// Its name on the machine.
        name: String,
    },
    /// Switches the machine on or off.
    Power(PowerAction),
    /// Registers a machine without an agent.
    Register,
    /// Replaces the machine's tags.
    SetTags(MachineResource),
    /// Lets extensions be changed, or not.
    AllowExtensions(MachineResource),
    /// Forgets the machine.
    Decommission,
    /// Gives a role.
    GiveRole(RoleToGive),
    /// Takes a role away.
    TakeRole(RoleToTake),
    /// Only the portal does it; the sentence says why.
    PortalOnly(&'static str),
}

/// An action or form as it stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Where.
    pub place: Place,
    /// What.
    pub deed: Deed,
}

/// What a dialect makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Text to copy; ends without a line break.
    Text(String),
    /// Why there is none.
    No(&'static str),
}

/// The text of `asked` in one dialect.
pub fn show(dialect: Dialect, asked: &Asked) -> Shown {
    match &asked.deed {
        Deed::PortalOnly(why) => return Shown::No(why),
        Deed::GiveRole(given) => return role::give(dialect, &asked.place.api, given),
        Deed::TakeRole(taken) => return role::take(dialect, &asked.place.api, taken),
        _ => {}
    }
    let text = match dialect {
        Dialect::Az => Ok(az::text(asked)),
        Dialect::Rest => Ok(rest::text(asked)),
        Dialect::Arm => arm::text(asked),
        Dialect::Bicep => bicep::text(asked),
        Dialect::Terraform => Ok(terraform::text(asked)),
    };
    match text {
        Ok(text) => Shown::Text(text),
        Err(why) => Shown::No(why),
    }
}

/// Why a template says nothing of a deed that is done once.
const NO_TEMPLATE: &str =
    "A template describes what is there; it does not start, stop or remove anything. Use az or REST.";
