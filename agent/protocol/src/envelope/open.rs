//! Opening an envelope.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipher, BlockDecryptMut, KeyInit, KeyIvInit};
use cms::content_info::ContentInfo;
use cms::enveloped_data::{EncryptedContentInfo, EnvelopedData, RecipientInfo};
use const_oid::db::rfc5911::{ID_AES_128_CBC, ID_AES_192_CBC, ID_AES_256_CBC, ID_ENVELOPED_DATA};
use const_oid::db::rfc5912::RSA_ENCRYPTION;
use der::Decode;
use der::asn1::OctetString;
use pkcs8::DecodePrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};
use zeroize::Zeroizing;

use super::{EnvelopeError, MAX_ENVELOPE_BYTES};

/// Opens an envelope with a private key in PEM form (PKCS#8 or PKCS#1); gives the plaintext.
///
/// # Errors
/// The key is not usable, the envelope is malformed or larger than [`MAX_ENVELOPE_BYTES`], uses another algorithm than
/// RSA PKCS#1 v1.5 and AES-CBC, or was made for another key.
pub fn open(key_pem: &str, envelope_der: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let key = private_key(key_pem)?;
    if envelope_der.len() > MAX_ENVELOPE_BYTES {
        return Err(EnvelopeError::Malformed(format!("it is larger than {MAX_ENVELOPE_BYTES} bytes")));
    }
    let malformed = |error: der::Error| EnvelopeError::Malformed(error.to_string());
    let info = ContentInfo::from_der(envelope_der).map_err(malformed)?;
    if info.content_type != ID_ENVELOPED_DATA {
        return Err(EnvelopeError::Unsupported(format!("content type {}", info.content_type)));
    }
    let data: EnvelopedData = info.content.decode_as().map_err(malformed)?;
    for recipient in data.recip_infos.0.iter() {
        let RecipientInfo::Ktri(recipient) = recipient else { continue };
        if recipient.key_enc_alg.oid != RSA_ENCRYPTION {
            return Err(EnvelopeError::Unsupported(format!("key transport {}", recipient.key_enc_alg.oid)));
        }
        let Ok(content_key) = key.decrypt(Pkcs1v15Encrypt, recipient.enc_key.as_bytes()) else { continue };
        return decrypt(&data.encrypted_content, &Zeroizing::new(content_key));
    }
    Err(EnvelopeError::WrongKey)
}

pub(super) fn private_key(pem: &str) -> Result<RsaPrivateKey, EnvelopeError> {
    RsaPrivateKey::from_pkcs8_pem(pem)
        .or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem))
        .map_err(|error| EnvelopeError::Key(error.to_string()))
}

fn decrypt(content: &EncryptedContentInfo, key: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let algorithm = &content.content_enc_alg;
    let missing = || EnvelopeError::Malformed("it has no content or no initialisation vector".to_owned());
    let iv: OctetString = algorithm.parameters.as_ref().ok_or_else(missing)?.decode_as().map_err(|_| missing())?;
    let bytes = content.encrypted_content.as_ref().ok_or_else(missing)?.as_bytes();
    match algorithm.oid {
        ID_AES_128_CBC => cbc_decrypt::<aes::Aes128>(key, iv.as_bytes(), bytes),
        ID_AES_192_CBC => cbc_decrypt::<aes::Aes192>(key, iv.as_bytes(), bytes),
        ID_AES_256_CBC => cbc_decrypt::<aes::Aes256>(key, iv.as_bytes(), bytes),
        other => Err(EnvelopeError::Unsupported(format!("content cipher {other}"))),
    }
}

fn cbc_decrypt<C>(key: &[u8], iv: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError>
where
    C: BlockCipher + BlockDecryptMut + KeyInit,
{
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| EnvelopeError::WrongKey)?;
    let plain = cipher.decrypt_padded_vec_mut::<Pkcs7>(bytes).map_err(|_| EnvelopeError::WrongKey)?;
    Ok(Zeroizing::new(plain))
}
