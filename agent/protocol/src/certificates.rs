//! The certificates document: the machine's tenant certificates and keys, enveloped for its transport certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ParseError;
use crate::xml::{self, Element, Writer};

const WHAT: &str = "certificates document";
const FORMAT: &str = "Pkcs7BlobWithPfxContents";
const COLUMNS: usize = 64;
/// Most bytes of a certificates document.
pub const MAX_CERTIFICATES_BYTES: usize = 1024 * 1024;

/// `CertificateFile`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFile {
    /// The goal state that it belongs to.
    pub incarnation: u64,
    /// DER of a CMS `EnvelopedData` around a PKCS#12 file with an empty password; absent means "no certificates".
    pub data: Option<Vec<u8>>,
}

impl CertificateFile {
    /// The document as XML. The base64 is broken into lines of 64 columns: OpenSSL, which the standard agent uses, does
    /// not read one long line.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("CertificateFile", &[]);
        xml.leaf("Version", "2010-12-15").leaf("Incarnation", &self.incarnation.to_string()).leaf("Format", FORMAT);
        if let Some(data) = &self.data {
            let encoded = STANDARD.encode(data);
            let mut lines = String::with_capacity(encoded.len() + encoded.len() / COLUMNS + 2);
            lines.push('\n');
            for line in encoded.as_bytes().chunks(COLUMNS) {
                lines.extend(line.iter().map(|byte| char::from(*byte)));
                lines.push('\n');
            }
            xml.begin("Data", &[]).verbatim(&lines).end();
        }
        xml.finish()
    }

    /// Reads the document. Another `Format` than the standard one counts as "no certificates".
    ///
    /// # Errors
    /// Larger than [`MAX_CERTIFICATES_BYTES`], no XML, or `Data` is no base64.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, MAX_CERTIFICATES_BYTES, WHAT)?.expect(WHAT, "CertificateFile")?;
        let incarnation =
            root.find_text("Incarnation").map_or(Ok(0), |text| Element::number(WHAT, "Incarnation", text))?;
        let known = root.find_text("Format").is_none_or(|format| format == FORMAT);
        let text = root.find_text("Data").filter(|text| known && !text.trim().is_empty());
        let data = text.map(|text| {
            let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            STANDARD.decode(packed).map_err(|error| ParseError::malformed(WHAT, error))
        });
        Ok(Self { incarnation, data: data.transpose()? })
    }
}
