//! Tokens of the machine's own identity, from the service that clouds offer at a link-local address.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use ureq::http::Uri;

use super::http::{Client, Request};
use crate::codes;
use crate::failure::Failure;
use crate::settings::Identity;

/// Where the service answers, on machines that have one.
pub(super) const ENDPOINT: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const RESOURCE: &str = "https://storage.azure.com/";
/// The service is on the machine's own link: it answers at once or not at all.
const LIMIT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

/// Whether a token may be sent to `address`: only to a blob store, and only encrypted.
pub(super) fn may_have_token(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    uri.scheme_str() == Some("https") && (host.contains(".blob.core.") || host.contains(".blob.azurestack."))
}

/// A token for `identity` from the service at `endpoint`.
///
/// # Errors
/// When no service answers, it knows no such identity, or it fails.
pub(super) fn token(client: &Client, endpoint: &str, identity: &Identity) -> Result<String, Failure> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut address = format!("{endpoint}?api-version=2018-02-01&resource={}", encode(RESOURCE));
    for (name, value) in [("client_id", &identity.client_id), ("object_id", &identity.object_id)] {
        if let Some(value) = value {
            address.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    let request = Request::plain(&address).with_header("metadata", "true");
    let (status, text) = client.ask(&request, LIMIT).map_err(|refusal| {
        Failure::new(
            codes::IDENTITY_UNAVAILABLE,
            format!("managedIdentity is given, but no identity service answers on this machine ({refusal}); use an address with an access signature, or storageAccountName and storageAccountKey"),
        )
    })?;
    match status {
        200 => serde_json::from_str::<Token>(&text).ok().filter(|token| !token.access_token.is_empty()).map_or_else(
            || Err(Failure::new(codes::IDENTITY_SERVICE, "the identity service answered without a token")),
            |token| Ok(token.access_token),
        ),
        400 | 404 => Err(Failure::new(
            codes::IDENTITY_NOT_FOUND,
            "the machine has no such identity; assign it to the machine, or correct clientId or objectId",
        )),
        403 => Err(Failure::new(codes::IDENTITY_WITHOUT_RIGHTS, "the identity service refuses a token for storage")),
        500..=599 => {
            Err(Failure::new(codes::IDENTITY_SERVICE, format!("the identity service failed with status {status}")))
        }
        _ => Err(Failure::new(
            codes::IDENTITY_UNAVAILABLE,
            format!("the identity service answered with status {status}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::http::tests::Server;

    #[test]
    fn tokens_go_to_blob_stores_only() {
        assert!(may_have_token("https://a.blob.core.windows.net/c/b"));
        for address in ["http://a.blob.core.windows.net/c/b", "https://example.org/.blob.core.", "x"] {
            assert!(!may_have_token(address), "{address}");
        }
    }

    fn ask(status: &'static str, body: &'static str, identity: &Identity) -> (Result<String, Failure>, String) {
        let server = Server::answering(vec![(status, "", body)]);
        let outcome = token(&Client::new(), &server.address("/token"), identity);
        (outcome, server.requests().remove(0))
    }

    #[test]
    fn asks_as_the_service_wants_it() {
        let identity = Identity { client_id: Some("11-22".into()), object_id: None };
        let (outcome, request) = ask("200 OK", r#"{"access_token":"abc"}"#, &identity);
        assert_eq!(outcome.unwrap(), "abc");
        let expected =
            "GET /token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage%2Eazure%2Ecom%2F&client_id=11%2D22 ";
        assert!(request.starts_with(expected), "{request}");
        assert!(request.to_ascii_lowercase().contains("metadata: true"));
    }

    #[test]
    fn each_answer_has_its_code() {
        for (status, code) in [
            ("400 Bad Request", codes::IDENTITY_NOT_FOUND),
            ("403 Forbidden", codes::IDENTITY_WITHOUT_RIGHTS),
            ("500 Internal Server Error", codes::IDENTITY_SERVICE),
            ("200 OK", codes::IDENTITY_SERVICE),
        ] {
            assert_eq!(ask(status, "{}", &Identity::default()).0.unwrap_err().code, code, "{status}");
        }
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let failure = token(&Client::new(), &format!("http://{closed}/t"), &Identity::default()).unwrap_err();
        assert_eq!(failure.code, codes::IDENTITY_UNAVAILABLE);
        assert!(failure.message.contains("no identity service answers"));
    }
}
