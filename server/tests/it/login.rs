//! Programs get tokens as the clients of Azure ask for them.

use axum::http::Method;
use domain::{access::NewSecret, actor::Actor, portal::AccessCalls};

use crate::harness::{Answer, Portal};

async fn program(portal: &Portal) -> NewSecret {
    portal.control.principal_create(&Actor::system(), "ci".into(), 30, None).await.unwrap()
}

async fn ask(portal: &Portal, path: &str, form: &[(&str, &str)]) -> Answer {
    let body: Vec<String> =
        form.iter().map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F"))).collect();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    portal.tls.send(Method::POST, path, &[kind], body.join("&").into_bytes()).await
}

#[tokio::test]
async fn a_client_finds_its_way_from_the_first_address_to_a_token() {
    let portal = Portal::start().await;
    let made = program(&portal).await;
    let (app, tenant) = (made.principal.app_id.to_string(), made.installation.tenant_id.to_string());
    let origin = format!("https://{}", portal.tls.authority);
    let endpoints = portal.tls.get("/metadata/endpoints?api-version=2022-09-01").await.json();
    assert_eq!(endpoints["resourceManager"], origin);
    assert_eq!(endpoints["authentication"]["loginEndpoint"], format!("{origin}/adfs"));
    let aliases = portal.tls.get(&endpoints["vmImageAliasDoc"].as_str().unwrap()[origin.len()..]).await.json();
    assert!(aliases["outputs"]["aliases"]["value"]["Linux"]["Ubuntu2204"]["publisher"].is_string());
    for (configuration, token_path) in [
        ("/adfs/.well-known/openid-configuration".to_owned(), "/adfs/oauth2/token".to_owned()),
        ("/adfs/adfs/v2.0/.well-known/openid-configuration".to_owned(), "/adfs/oauth2/token".to_owned()),
        (format!("/{tenant}/v2.0/.well-known/openid-configuration"), format!("/{tenant}/oauth2/v2.0/token")),
        (format!("/{}/.well-known/openid-configuration", tenant.to_uppercase()), format!("/{tenant}/oauth2/token")),
    ] {
        let document = portal.tls.get(&configuration).await.json();
        assert_eq!(document["token_endpoint"], format!("{origin}{token_path}"), "{configuration}");
        assert_eq!(document["issuer"], format!("{origin}/{tenant}/v2.0"));
        let scope = format!("{origin}//.default");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", app.as_str()),
            ("client_secret", made.secret.as_str()),
            ("client_info", "1"),
            ("scope", scope.as_str()),
        ];
        let answer = ask(&portal, &token_path, &form).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let actor = portal.control.token_actor(&token, &origin).await.map_err(|e| e.into_fault()).unwrap();
        assert_eq!(actor.principal, Some(made.principal.id));
        let keys = portal.tls.get(&document["jwks_uri"].as_str().unwrap()[origin.len()..]).await.json();
        assert_eq!(keys["keys"][0]["kty"], "RSA", "{keys}");
        assert!(keys["keys"][0].as_object().unwrap().keys().all(|k| !["d", "p", "q"].contains(&k.as_str())));
    }
    let by_resource = [
        ("grant_type", "client_credentials"),
        ("client_id", app.as_str()),
        ("client_secret", made.secret.as_str()),
        ("resource", "https://management.core.windows.net/"),
    ];
    assert_eq!(ask(&portal, &format!("/{tenant}/oauth2/token"), &by_resource).await.status, 200);
}

#[tokio::test]
async fn refusals_are_oauths_and_say_what_to_do() {
    let portal = Portal::start().await;
    let made = program(&portal).await;
    let app = made.principal.app_id.to_string();
    let good = [
        ("grant_type", "client_credentials"),
        ("client_id", app.as_str()),
        ("client_secret", made.secret.as_str()),
        ("resource", "https://management.azure.com"),
    ];
    let with = |name: &str, value: &'static str| {
        let mut form = good.to_vec();
        form.retain(|(n, _)| *n != name);
        if !value.is_empty() {
            form.push((
                if name == "resource" { "scope" } else { good.iter().find(|(n, _)| *n == name).unwrap().0 },
                value,
            ));
        }
        form
    };
    for (form, status, word, hint) in [
        (with("client_secret", "wrong"), 401, "invalid_client", "Access page"),
        (with("client_id", "nobody"), 401, "invalid_client", "Access page"),
        (with("client_secret", ""), 400, "invalid_request", "client_secret"),
        (with("grant_type", ""), 400, "invalid_request", "client_credentials"),
        (with("grant_type", "password"), 400, "unsupported_grant_type", "service principal"),
        (with("resource", ""), 400, "invalid_scope", ".default"),
        (with("resource", "https://graph.microsoft.com/.default"), 400, "invalid_scope", "own API"),
    ] {
        let answer = ask(&portal, "/adfs/oauth2/token", &form).await;
        let said = answer.json();
        assert_eq!((answer.status.as_u16(), said["error"].as_str()), (status, Some(word)), "{form:?}");
        let words = said["error_description"].as_str().unwrap();
        assert!(words.contains(hint) && !words.contains("AADSTS"), "{words}");
        assert!(!answer.text().contains(&made.secret));
    }
    let stranger = "/00000000-1111-2222-3333-444444444444/oauth2/token";
    assert!(ask(&portal, stranger, &good).await.text().contains("not the tenant"));
    let json = portal
        .tls
        .send(Method::POST, "/adfs/oauth2/token", &[("content-type", "application/json")], b"{}".to_vec())
        .await;
    assert_eq!(json.json()["error"], "invalid_request");
    for path in ["/adfs/oauth2/devicecode", "/common/oauth2/v2.0/devicecode"] {
        assert!(ask(&portal, path, &[]).await.text().contains("az login --service-principal"), "{path}");
    }
    let plain = portal.http.get("/adfs/.well-known/openid-configuration").await;
    assert_eq!((plain.status.as_u16(), plain.json()["error"]["code"].as_str()), (400, Some("HttpsRequired")));
}

#[tokio::test]
async fn a_machine_gets_a_token_for_itself_and_knows_its_subscription() {
    let portal = Portal::start().await;
    let machine = portal.machine("web").await;
    let credential = format!("Bearer {}", machine.credential().credential);
    let get =
        async |path: &str| portal.http.send(Method::GET, path, &[("authorization", &credential)], Vec::new()).await;
    let ids = portal.control.installation_ids().await.unwrap();
    let instance = get("/metadata/instance").await.json();
    assert_eq!(instance["compute"]["subscriptionId"], ids.subscription_id.to_string());
    let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F";
    let answer = get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said = answer.json();
    assert_eq!((said["expires_in"].as_str(), said["token_type"].as_str()), (Some("3600"), Some("Bearer")));
    let origin = format!("https://{}", portal.tls.authority);
    let token = said["access_token"].as_str().unwrap();
    let actor = portal.control.token_actor(token, &origin).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(actor.name, "web (machine)");
    assert_eq!(get("/metadata/identity/oauth2/token?resource=https://elsewhere.example").await.status, 400);
    assert_eq!(portal.http.get(path).await.status, 401);
}

#[tokio::test]
async fn everybody_may_have_the_authority_to_trust() {
    let portal = Portal::start().await;
    let pem = portal.http.get("/ca.pem").await;
    assert_eq!((pem.status.as_u16(), pem.header("content-type")), (200, "application/x-pem-file"));
    assert!(pem.text().starts_with("-----BEGIN CERTIFICATE-----") && !pem.text().contains("PRIVATE"));
}
