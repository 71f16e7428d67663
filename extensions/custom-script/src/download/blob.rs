//! Addresses of blobs that may be read with an account's key: a service SAS, made here and valid for half an hour.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};
use ureq::http::Uri;

use crate::codes;
use crate::failure::Failure;

const VALID: Duration = Duration::minutes(30);
const VERSION: &str = "2018-03-28";

/// `address` with a signature that lets its holder read this one blob until half an hour after `now`.
///
/// # Errors
/// When the address is not that of a blob of `account`, or the key is not base64.
pub(super) fn sign(address: &str, account: &str, key: &str, now: OffsetDateTime) -> Result<String, Failure> {
    let resource = resource(address, account).ok_or_else(|| {
        Failure::new(
            codes::INVALID_FILE_URI,
            format!("with storageAccountName, every entry of fileUris must be a blob of that account, as in https://{account}.blob.core.windows.net/container/file"),
        )
    })?;
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let until = (now + VALID).format(form).unwrap_or_default();
    // permissions, start, end, resource, identifier, addresses, protocol, version, then five response headers
    let text = format!("r\n\n{until}\n{resource}\n\n\n\n{VERSION}\n\n\n\n\n");
    let key =
        STANDARD.decode(key).map_err(|_| Failure::new(codes::BAD_CONFIGURATION, "storageAccountKey is not base64"))?;
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key)
        .map_err(|_| Failure::new(codes::BAD_CONFIGURATION, "storageAccountKey cannot be used as a key"))?;
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let base = address.split(['?', '#']).next().unwrap_or(address);
    Ok(format!("{base}?sv={VERSION}&sr=b&sp=r&se={}&sig={}", encode(&until), encode(&signature)))
}

/// `/blob/<account>/<container>/<blob>`, decoded. Accepts `<account>.blob.<domain>/container/blob` and, as emulators
/// and appliances have it, `<host>/<account>/container/blob`.
fn resource(address: &str, account: &str) -> Option<String> {
    let uri: Uri = address.parse().ok()?;
    let path = percent_decode_str(uri.path()).decode_utf8().ok()?;
    let path = path.strip_prefix('/')?;
    let mut labels = uri.host()?.split('.');
    let path = if labels.next()? == account && labels.next() == Some("blob") && labels.next().is_some() {
        path
    } else {
        path.strip_prefix(account)?.strip_prefix('/')?
    };
    let (container, blob) = path.split_once('/').unwrap_or(("$root", path));
    (!container.is_empty() && !blob.is_empty()).then(|| format!("/blob/{account}/{container}/{blob}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn knows_the_two_forms_of_addresses() {
        for (address, expected) in [
            ("https://acc.blob.core.windows.net/c/a/b.sh?x=1", Some("/blob/acc/c/a/b.sh")),
            ("https://acc.blob.core.windows.net/b.sh", Some("/blob/acc/$root/b.sh")),
            ("http://127.0.0.1:10000/acc/c/b%20c.sh", Some("/blob/acc/c/b c.sh")),
            ("https://other.blob.core.windows.net/c/b.sh", None),
            ("https://example.org/c/b.sh", None),
            ("https://acc.blob.core.windows.net/", None),
        ] {
            assert_eq!(resource(address, "acc").as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn signs_as_openssl_does() {
        let now = datetime!(2026-11-22 03:00:00 UTC);
        let signed = sign("https://acc.blob.core.windows.net/c/b.sh?old=1", "acc", "c2VjcmV0LWtleQ==", now).unwrap();
        // printf 'r\n\n2026-11-22T03:30:00Z\n/blob/acc/c/b.sh\n\n\n\n2018-03-28\n\n\n\n\n' \
        //   | openssl dgst -sha256 -mac HMAC -macopt key:secret-key -binary | base64
        assert_eq!(
            signed,
            "https://acc.blob.core.windows.net/c/b.sh?sv=2018-03-28&sr=b&sp=r&se=2026%2D11%2D22T03%3A30%3A00Z&sig=l9VWN6Vo0Y7mdYnhtGZBLty1QG6VS%2FB9YO5yb7Kp1Dk%3D"
        );
    }
}
