//! Resource groups: machines that are managed, and given rights to, together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    generation::Generation,
    name::{Location, ResourceGroupName},
    timestamp::Timestamp,
};

/// One resource group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceGroup {
    /// Its name; unique without regard to case, written as it was first.
    pub name: ResourceGroupName,
    /// A label; Annex runs nothing anywhere because of it.
    pub location: Location,
    /// Free labels.
    pub tags: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often this record was written.
    pub generation: Generation,
}
