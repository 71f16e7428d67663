//! Names that clients know from elsewhere, and under which a package can be asked for as well.
//!
//! Programs written for the public cloud name its publishers, for example `Microsoft.Azure.Extensions.CustomScript`. A
//! package that keeps the same contract says so in its catalogue entry (`standsInFor`); a request for that name finds it
//! unless the original itself is published here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    extension_image::handler_name,
    name::{ExtensionType, Publisher},
    version::ExtensionVersion,
};

/// A publisher and type that a package stands in for, with the version whose contract it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WellKnownName {
    /// Who publishes the original.
    pub publisher: Publisher,
    /// What the original is.
    #[serde(rename = "type")]
    pub extension_type: ExtensionType,
    /// The version of the original that this package answers to.
    pub version: ExtensionVersion,
}

impl WellKnownName {
    /// `Publisher.Type` of the original.
    pub fn handler_name(&self) -> String {
        handler_name(&self.publisher, &self.extension_type)
    }

    /// Whether `publisher` and `extension_type` name the same original; case does not matter.
    pub fn is_named(&self, publisher: &str, extension_type: &str) -> bool {
        self.publisher.as_str().eq_ignore_ascii_case(publisher)
            && self.extension_type.as_str().eq_ignore_ascii_case(extension_type)
    }
}

impl fmt::Display for WellKnownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.handler_name(), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publisher_and_type_are_compared_each_on_its_own() {
        let text = r#"{"publisher":"Microsoft.Azure.Extensions","type":"CustomScript","version":"2.1.13"}"#;
        let name: WellKnownName = serde_json::from_str(text).expect(text);
        assert_eq!(name.to_string(), "Microsoft.Azure.Extensions.CustomScript 2.1.13");
        assert!(name.is_named("microsoft.azure.extensions", "customscript"));
        assert!(!name.is_named("Microsoft.Azure", "Extensions.CustomScript"), "the joined names are equal");
    }
}
