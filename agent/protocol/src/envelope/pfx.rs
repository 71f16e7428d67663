//! The content of the certificates document: a PKCS#12 file in an envelope for the transport certificate.

use cms::content_info::ContentInfo;
use const_oid::db::rfc5911::ID_DATA;
use der::asn1::OctetString;
use der::{Any, Decode, Encode};
use pkcs8::EncodePrivateKey;
use pkcs12::cert_type::CertBag;
use pkcs12::pfx::{Pfx, Version};
use pkcs12::safe_bag::SafeBag;
use pkcs12::{PKCS_12_CERT_BAG_OID, PKCS_12_KEY_BAG_OID, PKCS_12_X509_CERT_OID};
use x509_cert::attr::{Attribute, Attributes};

use super::open::private_key;
use super::{ContentCipher, EnvelopeError, parse_certificate, seal_with};

/// A certificate that a machine should hold together with its key.
pub struct TenantCertificate<'a> {
    /// The certificate in DER.
    pub certificate_der: &'a [u8],
    /// Its private key in PEM.
    pub key_pem: &'a str,
}

/// The payload of [`crate::CertificateFile::data`]: the certificates and keys as a PKCS#12 file with an empty password,
/// enveloped for the transport certificate of the request.
///
/// The PKCS#12 file itself is neither encrypted nor authenticated: the envelope around it is what protects it.
///
/// # Errors
/// A certificate or key is not usable.
pub fn certificates_payload(
    transport_certificate_der: &[u8],
    certificates: &[TenantCertificate<'_>],
    cipher: ContentCipher,
) -> Result<Vec<u8>, EnvelopeError> {
    let mut bags = Vec::new();
    for (number, certificate) in certificates.iter().enumerate() {
        parse_certificate(certificate.certificate_der)?;
        let key = private_key(certificate.key_pem)?.to_pkcs8_der().map_err(|error| make(&error))?;
        let id = u8::try_from(number + 1).map_err(|error| make(&error))?;
        bags.extend(pair(certificate.certificate_der, key.as_bytes(), id).map_err(|error| make(&error))?);
    }
    let file = pfx(&bags).map_err(|error| make(&error))?;
    seal_with(transport_certificate_der, &file, cipher)
}

fn pair(certificate: &[u8], key: &[u8], id: u8) -> der::Result<[SafeBag; 2]> {
    let bag = CertBag { cert_id: PKCS_12_X509_CERT_OID, cert_value: OctetString::new(certificate)? };
    Ok([
        SafeBag { bag_id: PKCS_12_CERT_BAG_OID, bag_value: bag.to_der()?, bag_attributes: Some(local_key_id(id)?) },
        SafeBag { bag_id: PKCS_12_KEY_BAG_OID, bag_value: key.to_vec(), bag_attributes: Some(local_key_id(id)?) },
    ])
}

/// Says which key belongs to which certificate.
fn local_key_id(id: u8) -> der::Result<Attributes> {
    let oid = der::asn1::ObjectIdentifier::new("1.2.840.113549.1.9.21")?;
    let value = Any::from_der(&OctetString::new([id])?.to_der()?)?;
    Attributes::try_from(vec![Attribute { oid, values: vec![value].try_into()? }])
}

fn pfx(bags: &Vec<SafeBag>) -> der::Result<Vec<u8>> {
    let safes = vec![data(&bags.to_der()?)?];
    Pfx { version: Version::V3, auth_safe: data(&safes.to_der()?)?, mac_data: None }.to_der()
}

fn data(content: &[u8]) -> der::Result<ContentInfo> {
    Ok(ContentInfo { content_type: ID_DATA, content: Any::encode_from(&OctetString::new(content)?)? })
}

fn make(error: &dyn std::fmt::Display) -> EnvelopeError {
    EnvelopeError::Make(error.to_string())
}
