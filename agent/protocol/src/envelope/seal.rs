//! Making an envelope.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockEncryptMut, KeyIvInit};
use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::enveloped_data::{
    EncryptedContentInfo, EnvelopedData, KeyTransRecipientInfo, RecipientIdentifier, RecipientInfo, RecipientInfos,
};
use const_oid::db::rfc5911::{ID_AES_256_CBC, ID_DATA, ID_ENVELOPED_DATA};
use const_oid::db::rfc5912::RSA_ENCRYPTION;
use der::asn1::{Null, OctetString, SetOfVec};
use der::{Any, Encode};
use pkcs8::DecodePublicKey;
use rsa::rand_core::{OsRng, RngCore};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, RsaPublicKey};
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::{EnvelopeError, parse_certificate};

/// Envelopes a plaintext for a certificate; gives the DER of a CMS `ContentInfo`.
///
/// # Errors
/// The certificate is not usable, or the system has no randomness.
pub fn seal(certificate_der: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let (id, public) = recipient(certificate_der)?;
    let mut key = Zeroizing::new([0u8; 32]);
    let mut iv = [0u8; 16];
    OsRng.try_fill_bytes(key.as_mut_slice()).map_err(|error| make(&error))?;
    OsRng.try_fill_bytes(&mut iv).map_err(|error| make(&error))?;
    let cipher = cbc::Encryptor::<aes::Aes256>::new(key.as_slice().into(), &iv.into());
    let content = cipher.encrypt_padded_vec_mut::<Pkcs7>(plaintext);
    let wrapped = public.encrypt(&mut OsRng, Pkcs1v15Encrypt, key.as_slice()).map_err(|error| make(&error))?;
    encode(id, &wrapped, &iv, &content).map_err(|error| make(&error))
}

/// The recipient's identifier and key.
pub(super) fn recipient(certificate_der: &[u8]) -> Result<(IssuerAndSerialNumber, RsaPublicKey), EnvelopeError> {
    let refuse = |reason: String| EnvelopeError::Certificate(reason);
    let tbs = parse_certificate(certificate_der)?.tbs_certificate;
    let info = tbs.subject_public_key_info.to_der().map_err(|error| refuse(error.to_string()))?;
    let key = RsaPublicKey::from_public_key_der(&info).map_err(|error| refuse(error.to_string()))?;
    if !(2048..=8192).contains(&(key.size() * 8)) {
        return Err(refuse(format!("its key has {} bits; 2048 to 8192 are accepted", key.size() * 8)));
    }
    Ok((IssuerAndSerialNumber { issuer: tbs.issuer, serial_number: tbs.serial_number }, key))
}

fn encode(id: IssuerAndSerialNumber, wrapped_key: &[u8], iv: &[u8], content: &[u8]) -> der::Result<Vec<u8>> {
    let recipient = KeyTransRecipientInfo {
        version: CmsVersion::V0,
        rid: RecipientIdentifier::IssuerAndSerialNumber(id),
        key_enc_alg: AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(Any::encode_from(&Null)?) },
        enc_key: OctetString::new(wrapped_key)?,
    };
    let iv = OctetString::new(iv)?;
    let data = EnvelopedData {
        version: CmsVersion::V0,
        originator_info: None,
        recip_infos: RecipientInfos(SetOfVec::try_from(vec![RecipientInfo::Ktri(recipient)])?),
        encrypted_content: EncryptedContentInfo {
            content_type: ID_DATA,
            content_enc_alg: AlgorithmIdentifierOwned { oid: ID_AES_256_CBC, parameters: Some(Any::encode_from(&iv)?) },
            encrypted_content: Some(OctetString::new(content)?),
        },
        unprotected_attrs: None,
    };
    ContentInfo { content_type: ID_ENVELOPED_DATA, content: Any::encode_from(&data)? }.to_der()
}

fn make(error: &dyn std::fmt::Display) -> EnvelopeError {
    EnvelopeError::Make(error.to_string())
}
