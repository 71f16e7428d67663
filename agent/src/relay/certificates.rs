//! `GET …/certificates`: the machine's certificates and keys, for waagent to put where handlers look for them.
//!
//! The keys were made on this machine and never leave it: waagent gets them enveloped for the transport certificate of its
//! request, the server only ever sees the certificate. After a rotation the pair before is handed out, too, so that
//! settings that were enveloped for it still open.

use agent_protocol::CertificateFile;
use agent_protocol::envelope::{ContentCipher, TenantCertificate, certificates_payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::{HeaderMap, StatusCode};

use super::Relay;
use super::answer::{self, Answer};
use crate::credential;

/// Carries the transport certificate: base64 of its DER, in one line.
const CERTIFICATE_HEADER: &str = "x-ms-guest-agent-public-x509-cert";
/// A wish for the cipher of the envelope.
const CIPHER_HEADER: &str = "x-ms-cipher-name";
const MAX_HEADER: usize = 16 * 1024;

impl Relay {
    /// The document.
    pub(super) fn certificates(&self, headers: &HeaderMap) -> Answer {
        let header =
            |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| text.len() <= MAX_HEADER);
        let Some(transport) = header(CERTIFICATE_HEADER).and_then(|text| STANDARD.decode(text.trim()).ok()) else {
            tracing::warn!("a request for certificates brought none of its own");
            return answer::status(StatusCode::BAD_REQUEST);
        };
        let cipher = header(CIPHER_HEADER).map(ContentCipher::named).unwrap_or_default();
        let pairs = match credential::key_pairs(&self.layout) {
            Ok(pairs) => pairs,
            Err(error) => {
                tracing::error!(%error, "the machine's certificates cannot be read");
                return answer::try_again();
            }
        };
        let tenants: Vec<_> = pairs
            .iter()
            .map(|pair| TenantCertificate { certificate_der: &pair.certificate_der, key_pem: &pair.key_pem })
            .collect();
        match certificates_payload(&transport, &tenants, cipher) {
            Ok(data) => {
                let incarnation = self.upstream.known().borrow().unwrap_or(0);
                answer::xml(CertificateFile { incarnation, data: Some(data) }.render())
            }
            Err(error) => {
                tracing::warn!(%error, "certificates cannot be enveloped for the certificate of the request");
                answer::status(StatusCode::BAD_REQUEST)
            }
        }
    }
}
