//! Wrong requests: a clear error each, and nothing done.

use axum::http::Method;
use serde_json::json;

use super::{Program, at, code, portal, probe};
use crate::harness::Package;

#[tokio::test]
async fn wrong_requests_get_arms_errors() {
    let portal = portal().await;
    portal.publish(&Package::probe()).await;
    let machine = portal.machine("alpha").await;
    drop(machine);
    let program = Program::owner(&portal).await;
    let extension = format!("{}/extensions/Probe", at("alpha"));
    let other = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups";
    for (method, path, status, expected) in [
        (Method::GET, "{s}/resourceGroups?api-version=", 400, "MissingApiVersionParameter"),
        (Method::GET, "{s}/resourceGroups?api-version=new", 400, "InvalidApiVersionParameter"),
        (Method::GET, "{s}/resourceGroups?api-version=2031-01-01-preview", 200, ""),
        (Method::GET, other, 404, "SubscriptionNotFound"),
        (Method::GET, "{s}/providers/Microsoft.Compute/disks", 404, "InvalidResourceType"),
        (Method::DELETE, "{s}/providers/Microsoft.Compute/disks/d", 404, "InvalidResourceType"),
        (Method::POST, "{s}/resourceGroups/default", 405, "MethodNotAllowed"),
        (Method::GET, "{s}/resourceGroups/none", 404, "ResourceGroupNotFound"),
        (Method::GET, "{s}/resourceGroups/%FF", 400, "InvalidRequestUri"),
        (Method::GET, "{s}/resourceGroups?$filter=nonsense", 400, "InvalidParameter"),
        (Method::GET, "{s}/providers/Microsoft.Compute/locations/annex/operations/x", 404, "ResourceNotFound"),
    ] {
        let answer = program.ask(method.clone(), path, None).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text());
        if status != 200 {
            assert_eq!(code(&answer), expected, "{method} {path}: {}", answer.text());
        }
        assert!(!answer.header("x-ms-request-id").is_empty(), "{method} {path}");
    }
    let large = format!("{{\"properties\":{{\"settings\":{{\"say\":\"{}\"}}}}}}", "x".repeat(5 * 1024 * 1024));
    let answer = program.send(Method::PUT, &extension, &[], large.into_bytes()).await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    for body in ["{", "[]", "\"hunter2\"", "{\"properties\":[\"hunter2\"]}", "{\"tags\":{\"a\":[\"hunter2\"]}}"] {
        let answer = program.send(Method::PUT, &extension, &[], body.as_bytes().to_vec()).await;
        assert_eq!(
            (answer.status.as_u16(), code(&answer).as_str()),
            (400, "InvalidRequestContent"),
            "{}",
            answer.text()
        );
        assert!(!answer.text().contains("hunter2"));
    }
    assert_eq!(program.get(&extension).await.status, 404, "nothing was done");
}

#[tokio::test]
async fn only_good_tokens_over_tls_are_heard() {
    let portal = portal().await;
    let program = Program::owner(&portal).await;
    let path = format!("/subscriptions/{}/resourceGroups?api-version=2024-11-01", program.subscription);
    let ask = async |headers: &[(&str, &str)]| portal.http.send(Method::GET, &path, headers, Vec::new()).await;
    let good = format!("Bearer {}", program.token);
    let mut cut = good.clone();
    cut.truncate(good.len() - 8);
    let tls = ("x-forwarded-proto", "https");
    assert_eq!(ask(&[tls, ("authorization", &good)]).await.status, 200);
    for wrong in ["", "Bearer ", "Bearer x.y.z", "Basic YTpi", cut.as_str()] {
        let answer = ask(&[tls, ("authorization", wrong)]).await;
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(answer.header("www-authenticate").starts_with("Bearer authorization_uri="), "{wrong}");
        assert!(!code(&answer).is_empty());
    }
    assert_eq!(ask(&[("authorization", &good)]).await.status, 400, "in the clear");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_leaves_nothing_half() {
    let portal = portal().await;
    portal.publish(&Package::probe()).await;
    portal.machine("alpha").await;
    let program = Program::owner(&portal).await;
    let path = format!("{}/extensions/Probe", at("alpha"));
    for wait in 0..12 {
        let put = program.put(&path, probe(&format!("say {wait}")));
        let _ = tokio::time::timeout(std::time::Duration::from_millis(wait), put).await;
    }
    // accepted or not: what is wanted is whole, and has exactly one open change
    let seen = program.get(&path).await;
    if seen.status == 200 {
        assert_eq!(seen.json()["properties"]["provisioningState"], "Creating", "{}", seen.text());
        let last = program.put(&path, seen.json()).await;
        assert_eq!(last.status, 200, "{}", last.text());
        assert_eq!(
            program.get(&path).await.json()["properties"]["settings"],
            json!(seen.json()["properties"]["settings"])
        );
    }
}
