//! The extension manifest: which versions of one handler exist, and where their packages are.
//!
//! Beyond the standard it carries the hash of each package and the server's signature over it.

use std::cmp::Ordering;

use crate::ParseError;
use crate::xml::{self, Element, Writer};

const WHAT: &str = "extension manifest";
/// Most bytes of an extension manifest.
pub const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// `PluginVersionManifest`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionManifest {
    /// The published versions.
    pub versions: Vec<PublishedVersion>,
    /// Versions that are not public yet; agents treat them alike.
    pub internal: Vec<PublishedVersion>,
}

/// One version and its package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedVersion {
    /// Dotted number.
    pub version: String,
    /// Where the package is, in the order to try.
    pub uris: Vec<String>,
    /// Annex's own: SHA-256 of the package, 64 lower-case hex digits.
    pub sha256: Option<String>,
    /// Annex's own: base64 of the Ed25519 signature, see [`crate::signature`].
    pub signature: Option<String>,
}

impl ExtensionManifest {
    /// The document as XML.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("PluginVersionManifest", &[]);
        render_list(&mut xml, "Plugins", &self.versions);
        if !self.internal.is_empty() {
            render_list(&mut xml, "InternalPlugins", &self.internal);
        }
        xml.finish()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// Larger than [`MAX_MANIFEST_BYTES`], no XML, another root element, or an entry without version.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, MAX_MANIFEST_BYTES, WHAT)?.expect(WHAT, "PluginVersionManifest")?;
        let list = |name| {
            root.child(name).map(|list| list.all("Plugin").map(entry).collect::<Result<Vec<_>, _>>()).transpose()
        };
        Ok(Self {
            versions: list("Plugins")?.unwrap_or_default(),
            internal: list("InternalPlugins")?.unwrap_or_default(),
        })
    }

    /// The highest listed version that the requested one is a prefix of: `1.0` finds `1.0.0`, not `1.00` or `1.1`.
    #[must_use]
    pub fn select(&self, requested: &str) -> Option<&PublishedVersion> {
        let wanted: Vec<u64> = parts(requested)?;
        let fits = |entry: &&PublishedVersion| parts(&entry.version).is_some_and(|have| have.starts_with(&wanted));
        self.versions.iter().chain(&self.internal).filter(fits).max_by(|a, b| compare_versions(&a.version, &b.version))
    }
}

/// Compares dotted numbers part by part; a missing part counts as 0, a part that is no number as the lowest.
#[must_use]
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    let numbers = |text: &str| text.split('.').map(|part| part.parse::<u64>().ok()).collect::<Vec<_>>();
    let (a, b) = (numbers(a), numbers(b));
    let part = |list: &[Option<u64>], at: usize| list.get(at).copied().unwrap_or(Some(0));
    (0..a.len().max(b.len()))
        .map(|at| part(&a, at).cmp(&part(&b, at)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn parts(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

fn render_list(xml: &mut Writer, name: &'static str, list: &[PublishedVersion]) {
    xml.begin(name, &[]);
    for entry in list {
        xml.begin("Plugin", &[]).leaf("Version", &entry.version).begin("Uris", &[]);
        for uri in &entry.uris {
            xml.leaf("Uri", uri);
        }
        xml.end();
        if let Some(sha256) = &entry.sha256 {
            xml.leaf("Sha256", sha256);
        }
        if let Some(signature) = &entry.signature {
            xml.leaf("Signature", signature);
        }
        xml.end();
    }
    xml.end();
}

fn entry(element: &Element) -> Result<PublishedVersion, ParseError> {
    let text = |name| element.child(name).map(|found| found.text().trim().to_owned()).filter(|text| !text.is_empty());
    Ok(PublishedVersion {
        version: element.required_text(WHAT, "Version")?.to_owned(),
        uris: element
            .find_all("Uri")
            .into_iter()
            .map(|uri| uri.text().to_owned())
            .filter(|uri| !uri.is_empty())
            .collect(),
        sha256: text("Sha256"),
        signature: text("Signature"),
    })
}

#[cfg(test)]
mod tests {
    use super::{ExtensionManifest, PublishedVersion, compare_versions};

    fn manifest(versions: &[&str]) -> ExtensionManifest {
        let entry = |version: &&str| PublishedVersion { version: (*version).to_owned(), ..Default::default() };
        ExtensionManifest { versions: versions.iter().map(entry).collect(), internal: Vec::new() }
    }

    #[test]
    fn a_prefix_finds_the_highest() {
        let manifest = manifest(&["1.0.0", "1.0.10", "1.0.9", "1.1.0", "10.0.0"]);
        assert_eq!(manifest.select("1.0").map(|found| found.version.as_str()), Some("1.0.10"));
        assert_eq!(manifest.select("1.1.0").map(|found| found.version.as_str()), Some("1.1.0"));
        assert_eq!(manifest.select("1.2"), None);
        assert_eq!(manifest.select("x"), None);
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(compare_versions("1.10", "1.9").is_gt());
        assert!(compare_versions("1.0", "1.0.0.0").is_eq());
        assert!(compare_versions("2.0", "1.99.99").is_gt());
    }
}
