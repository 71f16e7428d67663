//! What the marketplace offers: published, versioned handler packages.

use std::ops::Not;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    name::{ExtensionType, Publisher},
    timestamp::Timestamp,
    version::ExtensionVersion,
    well_known_name::WellKnownName,
};

/// What a package does to a machine, said before it is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Impact {
    /// Its commands run as root.
    #[serde(skip_serializing_if = "Not::not")]
    pub runs_as_root: bool,
    /// Ports it listens on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub opens_ports: Vec<u16>,
    /// It may reboot the machine.
    #[serde(skip_serializing_if = "Not::not")]
    pub reboots: bool,
    /// Hosts it talks to, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub network: String,
    /// What it changes on the machine, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub changes: String,
}

impl Impact {
    /// Without what is said in sentences: for lists.
    #[must_use]
    pub fn brief(&self) -> Self {
        let Self { runs_as_root, opens_ports, reboots, .. } = self;
        Self { runs_as_root: *runs_as_root, opens_ports: opens_ports.clone(), reboots: *reboots, ..Self::default() }
    }
}

/// One published version of one package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtensionImage {
    /// Who publishes it.
    pub publisher: Publisher,
    /// What it is.
    pub extension_type: ExtensionType,
    /// Which version.
    pub version: ExtensionVersion,
    /// For people.
    pub title: String,
    /// One line.
    pub summary: String,
    /// Plain paragraphs, separated by blank lines.
    pub description: String,
    /// Marketplace category.
    pub category: String,
    /// Operating systems, lower case (`linux`, `windows`).
    pub os: Vec<String>,
    /// Architectures in the kernel's words; empty means any.
    pub architectures: Vec<String>,
    /// What it does to a machine.
    pub impact: Impact,
    /// What is new in this version.
    pub changes: String,
    /// Licence, SPDX.
    pub licence: String,
    /// Where to read more.
    pub homepage: Option<String>,
    /// JSON Schema of the public settings.
    pub public_schema: Value,
    /// JSON Schema of the protected settings; `None` when it takes none.
    pub protected_schema: Option<Value>,
    /// Several named configurations may live on one machine (`supportsMultipleExtensions`).
    pub supports_multiple: bool,
    /// Newer versions may be rolled out without anybody asking (ARM's `enableAutomaticUpgrade` is accepted).
    #[serde(default, skip_serializing_if = "Not::not")]
    pub supports_automatic_upgrade: bool,
    /// Names that clients know, under which it can be asked for as well; none twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_in_for: Vec<WellKnownName>,
    /// SHA-256 of the zip, lower-case hex.
    pub sha256: String,
    /// Size of the zip in bytes.
    pub size: u64,
    /// Ed25519 signature by this server over type, version and hash (base64).
    pub signature: String,
    /// When it was published here.
    pub published_at: Timestamp,
    /// By whom.
    pub published_by: String,
}

impl ExtensionImage {
    /// `Publisher.Type`, the handler's name on the wire and on disk.
    pub fn handler_name(&self) -> String {
        handler_name(&self.publisher, &self.extension_type)
    }
}

/// `Publisher.Type`.
pub fn handler_name(publisher: &Publisher, extension_type: &ExtensionType) -> String {
    format!("{publisher}.{extension_type}")
}

/// A card in the marketplace: the newest version and how far it fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageCard {
    /// Who publishes it.
    pub publisher: Publisher,
    /// Its type.
    pub extension_type: ExtensionType,
    /// Newest version.
    pub version: ExtensionVersion,
    /// Name for people.
    pub title: String,
    /// One sentence.
    pub summary: String,
    /// Category in the marketplace.
    pub category: String,
    /// What it does to a machine, in brief.
    pub impact: Impact,
    /// Machines it can be installed on.
    pub fits: u32,
    /// Machines there are.
    pub machines: u32,
    /// Machines that have it.
    pub installed: u32,
}

/// The marketplace list with its facets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marketplace {
    /// What matches, best match first.
    pub cards: Vec<ImageCard>,
    /// Categories with the number of offers in each, over everything that matches the search text.
    pub categories: Vec<(String, u32)>,
    /// Operating systems, likewise.
    pub systems: Vec<(String, u32)>,
    /// Offers there are without any filter.
    pub total: u32,
}

/// What the marketplace is narrowed to; all of it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MarketplaceFilter {
    /// Words that must all occur in title, type, publisher, names it stands in for, summary or category.
    pub text: String,
    /// Only this category.
    pub category: Option<String>,
    /// Only this operating system.
    pub os: Option<String>,
}

/// Everything the page of one offer shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageDetail {
    /// The version that is looked at.
    pub image: ExtensionImage,
    /// All versions, newest first.
    pub versions: Vec<ExtensionImage>,
    /// Each machine and why it cannot take this version (`None`: it can).
    pub machines: Vec<MachineFit>,
}

/// Whether one machine can take an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineFit {
    /// The machine's id.
    pub vm_id: crate::ids::VmId,
    /// Its name.
    pub vm_name: crate::name::VmName,
    /// Its resource group.
    pub resource_group: crate::name::ResourceGroupName,
    /// Operating system and architecture in words.
    pub system: String,
    /// Agent health now; does not decide (changes wait for a silent machine), but people want to see it.
    pub health: crate::guest_agent::AgentHealth,
    /// Version installed under this publisher and type, with the extension's name.
    pub installed: Option<(crate::name::ExtensionName, ExtensionVersion)>,
    /// Why not, with the way out; `None` when it fits.
    pub reason: Option<crate::fault::Fault>,
}
