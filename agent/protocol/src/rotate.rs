//! `POST /annex/agent/v1/certificate`: the machine has a new key, and protected settings are to be enveloped for it.

use serde::{Deserialize, Serialize};

use crate::JsonDocument;

/// Path of the request.
pub const PATH: &str = "/annex/agent/v1/certificate";

/// The new certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCertificate {
    /// Base64 of its DER.
    pub certificate: String,
}

impl JsonDocument for NewCertificate {
    const WHAT: &'static str = "new certificate";
    const MAX_BYTES: usize = 64 * 1024;
}
