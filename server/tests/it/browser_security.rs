//! What browsers are told, and what other sites cannot do.

use axum::http::Method;

use crate::harness::{PASSWORD, Portal};

#[tokio::test]
async fn pages_carry_a_strict_policy_and_every_answer_its_headers() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let (first, second) = (owner.get("/vms").await, owner.get("/vms").await);
    let policy = first.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "'nonce-"] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    assert_ne!(policy, second.header("content-security-policy"), "a nonce is used once");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    for script in first.text().split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(nonce) || tag.contains("src="), "an inline script without its nonce: {tag}");
    }
    assert!(!first.text().contains(" style=\""), "no inline styles");

    for path in ["/vms", "/sign-in", "/healthz", "/api/home", "/logo.svg", "/nothing/here"] {
        let answer = portal.http.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn cookies_are_closed_and_bear_the_host_prefix_behind_tls() {
    for (secure, name) in [(false, "annex_session"), (true, "__Host-annex_session")] {
        let portal = Portal::start_with(|config| config.secure_cookies = secure).await;
        let token = portal.control.welcome_link_token().await.unwrap_or_else(|e| panic!("{}", e.into_fault())).unwrap();
        let form = [("token", token.reveal()), ("name", "olive"), ("password", PASSWORD)];
        let answer = portal.browser().submit("/welcome", &form).await;
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with(&format!("{name}=")), "{cookie}");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(answer.header("strict-transport-security").is_empty(), !secure);
    }
}

#[tokio::test]
async fn another_site_cannot_change_anything() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let cookie = format!("annex_session={}", owner.cookie("annex_session").unwrap());
    let form = b"name=mallory&role=Owner&password=correct+horse+battery".to_vec();
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("x-nothing", "no word about its origin"),
    ] {
        for path in ["/api/accounts/create", "/sign-out", "/theme", "/packages", "/sign-in"] {
            let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded"), foreign];
            let answer = portal.http.send(Method::POST, path, &headers, form.clone()).await;
            assert_eq!(answer.status, 403, "{path} from {foreign:?}");
        }
    }
    assert_eq!(owner.get("/vms").await.status, 200, "still signed in");
    let own = format!("http://{}", portal.http.authority);
    let headers =
        [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded"), ("origin", &own)];
    let answer = portal.http.send(Method::POST, "/theme", &headers, b"theme=dark&next=/vms".to_vec()).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/vms"), "older browsers name their origin");
}

#[tokio::test]
async fn files_of_the_site_are_cached_for_ever_only_when_they_exist() {
    let portal = Portal::start().await;
    let found = portal.http.get("/pkg/annex.0123456789abcdef.css").await;
    assert_eq!(found.status, 200);
    assert!(found.header("cache-control").contains("immutable"));
    assert_eq!(found.header("content-type"), "text/css");
    let missing = portal.http.get("/pkg/annex.ffffffffffffffff.css").await;
    assert_eq!(missing.status, 404);
    assert!(!missing.header("cache-control").contains("immutable"));
    for path in ["/pkg/../annex.db", "/pkg/%2e%2e/hash.txt", "/pkg/..%2f..%2fannex.db", "/hash.txt"] {
        let answer = portal.http.get(path).await;
        assert_ne!(answer.status, 200, "{path}");
    }
    assert_eq!(portal.http.get("/logo.svg").await.status, 200);
}
