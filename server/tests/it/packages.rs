//! Publishing one's own package over HTTP, and fetching it as a machine.

use axum::http::Method;
use domain::actor::Role;
use sha2::{Digest, Sha256};

use crate::harness::{Answer, Browser, Package, Portal};

async fn upload(browser: &Browser, zip: &[u8]) -> Answer {
    let boundary = "----annex-test-boundary";
    let mut body = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"package\"; filename=\"p.zip\"\r\n\
         content-type: application/zip\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(zip);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={boundary}");
    browser.send(Method::POST, "/packages", &[("content-type", &kind), ("accept", "application/json")], body).await
}

#[tokio::test]
async fn an_owner_publishes_and_a_machine_gets_exactly_those_bytes() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let zip = Package::probe().zip();
    let published = upload(&owner, &zip).await;
    assert_eq!(published.status, 201, "{}", published.text());
    assert_eq!(upload(&owner, &zip).await.status, 201, "the same bytes again change nothing");

    let machine = portal.machine("alpha").await;
    let credential = format!("Bearer {}", machine.credential().credential);
    let get = async |path: &str, more: &[(&str, &str)]| {
        let mut headers = vec![("authorization", credential.as_str())];
        headers.extend_from_slice(more);
        portal.http.send(Method::GET, path, &headers, vec![]).await
    };
    let manifest = get("/annex/packages/Test.Handlers.Probe/manifest.xml", &[]).await;
    assert_eq!(manifest.status, 200, "{}", manifest.text());
    let manifest = agent_protocol::ExtensionManifest::parse(&manifest.body).unwrap();
    let entry = manifest.select("1.0").expect("listed");
    let hash = hex::encode(Sha256::digest(&zip));
    assert_eq!(entry.sha256.as_deref(), Some(hash.as_str()));
    let key = &machine.credential().package_key;
    agent_protocol::signature::verify(key, "Test.Handlers.Probe", "1.0.0", &hash, entry.signature.as_deref().unwrap())
        .expect("signed by this server");
    let path = entry.uris[0].strip_prefix(&portal.url).expect("an address of this portal");
    let package = get(path, &[]).await;
    assert_eq!((package.status.as_u16(), package.body == zip), (200, true));
    let again = get(path, &[("if-none-match", package.header("etag"))]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(portal.http.get(path).await.status, 401, "only machines fetch packages");
    assert_eq!(get("/annex/packages/No.Such/manifest.xml", &[]).await.status, 404);
}

#[tokio::test]
async fn bad_packages_and_people_without_the_right_are_refused_with_reasons() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let contributor = portal.person(Role::Contributor).await;
    let refused = upload(&contributor, &Package::probe().zip()).await;
    assert_eq!(refused.status, 403);
    assert!(refused.json()["message"].as_str().unwrap().contains("Owner"));
    for bytes in [b"not a zip".to_vec(), Vec::new()] {
        let refused = upload(&owner, &bytes).await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (422, Some("InvalidPackage")));
    }
    assert_eq!(upload(&owner, &Package::probe().zip()).await.status, 201);
    let mut other = Package::probe().zip();
    other.extend_from_slice(b"trailing");
    let conflict = upload(&owner, &other).await;
    assert!(matches!(conflict.status.as_u16(), 409 | 422), "{}", conflict.text());
}
