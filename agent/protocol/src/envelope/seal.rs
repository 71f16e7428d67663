//! Making an envelope.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockEncryptMut, KeyIvInit};
use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::enveloped_data::{
    EncryptedContentInfo, EnvelopedData, KeyTransRecipientInfo, RecipientIdentifier, RecipientInfo, RecipientInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_AES_128_CBC, ID_AES_256_CBC, ID_DATA, ID_ENVELOPED_DATA};
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

/// What the content of an envelope is encrypted with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentCipher {
    /// What everything opens.
    #[default]
    Aes256Cbc,
    /// Newer agents ask for it.
    Aes128Cbc,
    /// Agents up to 2.11 ask for it.
    TripleDesCbc,
}

/// `des-EDE3-CBC` (RFC 8018, appendix B.2.2).
const DES_EDE3_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");

impl ContentCipher {
    /// The cipher that the header `x-ms-cipher-name` asks for; unknown names get the default (wire protocol, section 3).
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name.trim() {
            "AES128_CBC" => Self::Aes128Cbc,
            "DES_EDE3_CBC" => Self::TripleDesCbc,
            _ => Self::Aes256Cbc,
        }
    }

    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Aes256Cbc => ID_AES_256_CBC,
            Self::Aes128Cbc => ID_AES_128_CBC,
            Self::TripleDesCbc => DES_EDE3_CBC,
        }
    }

    /// Bytes of key and initialisation vector.
    const fn sizes(self) -> (usize, usize) {
        match self {
            Self::Aes256Cbc => (32, 16),
            Self::Aes128Cbc => (16, 16),
            Self::TripleDesCbc => (24, 8),
        }
    }

    /// Encrypts; key and vector must have [`Self::sizes`].
    fn encrypt(self, key: &[u8], iv: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        Some(match self {
            Self::Aes256Cbc => {
                cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.encrypt_padded_vec_mut::<Pkcs7>(plaintext)
            }
            Self::Aes128Cbc => {
                cbc::Encryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.encrypt_padded_vec_mut::<Pkcs7>(plaintext)
            }
            Self::TripleDesCbc => cbc::Encryptor::<des::TdesEde3>::new_from_slices(key, iv)
                .ok()?
                .encrypt_padded_vec_mut::<Pkcs7>(plaintext),
        })
    }
}

/// Envelopes a plaintext for a certificate; gives the DER of a CMS `ContentInfo`.
///
/// # Errors
/// The certificate is not usable, or the system has no randomness.
pub fn seal(certificate_der: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    seal_with(certificate_der, plaintext, ContentCipher::default())
}

/// The same with a chosen cipher.
///
/// # Errors
/// As [`seal`].
pub fn seal_with(certificate_der: &[u8], plaintext: &[u8], cipher: ContentCipher) -> Result<Vec<u8>, EnvelopeError> {
    let (id, public) = recipient(certificate_der)?;
    let (key_size, iv_size) = cipher.sizes();
    let (mut key, mut iv) = (Zeroizing::new(vec![0u8; key_size]), vec![0u8; iv_size]);
    OsRng.try_fill_bytes(key.as_mut_slice()).map_err(|error| make(&error))?;
    OsRng.try_fill_bytes(&mut iv).map_err(|error| make(&error))?;
    let content = cipher.encrypt(&key, &iv, plaintext).ok_or_else(|| make(&"the cipher refuses its key"))?;
    let wrapped = public.encrypt(&mut OsRng, Pkcs1v15Encrypt, key.as_slice()).map_err(|error| make(&error))?;
    encode(id, &wrapped, cipher, &iv, &content).map_err(|error| make(&error))
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

fn encode(
    id: IssuerAndSerialNumber,
    wrapped_key: &[u8],
    cipher: ContentCipher,
    iv: &[u8],
    content: &[u8],
) -> der::Result<Vec<u8>> {
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
            content_enc_alg: AlgorithmIdentifierOwned { oid: cipher.oid(), parameters: Some(Any::encode_from(&iv)?) },
            encrypted_content: Some(OctetString::new(content)?),
        },
        unprotected_attrs: None,
    };
    ContentInfo { content_type: ID_ENVELOPED_DATA, content: Any::encode_from(&data)? }.to_der()
}

fn make(error: &dyn std::fmt::Display) -> EnvelopeError {
    EnvelopeError::Make(error.to_string())
}
