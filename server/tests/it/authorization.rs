//! The authorization table against what is really there.

use std::{fs, path::Path};

use axum::{body::Body, http::Method};
use domain::actor::Role;
use server::authorization::{Access, Row, Verdict, table, verdict};

use crate::harness::{Browser, Portal};

#[tokio::test]
async fn every_page_and_every_server_function_has_a_row() {
    let portal = Portal::start().await;
    let mut missing = Vec::new();
    let mut known = |method: Method, route: &str| {
        if !matches!(verdict(&method, route), Verdict::Needs(_)) {
            missing.push(format!("{method} {route}"));
        }
    };
    let pages = server::web::page_routes(&portal.control);
    assert!(pages.len() > 10, "the application lists its pages");
    for page in &pages {
        known(Method::GET, page.path());
    }
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    assert!(functions.len() > 20, "server functions are registered");
    for (path, method) in &functions {
        known(method.clone(), path);
    }
    assert!(missing.is_empty(), "no row in server/src/authorization/ for: {missing:#?}");

    let stale: Vec<_> = table()
        .filter(|row| row.route.starts_with("/api/"))
        .filter(|row| !functions.iter().any(|(path, method)| *path == row.route && method.as_str() == row.method))
        .collect();
    assert!(stale.is_empty(), "rows without a server function: {stale:#?}");
}

#[test]
fn every_route_in_the_sources_has_a_row() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = 0;
    for file in ["web/mod.rs", "web/assets.rs", "login/mod.rs", "agent_gateway/mod.rs", "rest/mod.rs"] {
        let text = fs::read_to_string(sources.join(file)).unwrap();
        for route in text.split("route(\"").skip(1).chain(text.split("route_service(\"").skip(1)) {
            let route = route.split('"').next().unwrap();
            found += 1;
            assert!(table().any(|row| row.route == route), "{file}: {route} has no row");
        }
    }
    assert!(found > 20, "routes were found");
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let people = [
        (None, portal.browser()),
        (Some(Role::Reader), portal.person(Role::Reader).await),
        (Some(Role::ExtensionOperator), portal.person(Role::ExtensionOperator).await),
        (Some(Role::VmContributor), portal.person(Role::VmContributor).await),
        (Some(Role::Contributor), portal.person(Role::Contributor).await),
        (Some(Role::Owner), owner),
    ];
    let mut wrong = Vec::new();
    for row in table().filter(|row| row.route != "/sign-out") {
        for (role, browser) in &people {
            let (status, location, body) = ask(browser, row).await;
            let expected = expect(row.access, *role);
            let got = match status {
                401 => "refused",
                303 if location.starts_with("/sign-in") && row.route != "/sign-in" => "refused",
                403 => "forbidden",
                400 if body.contains("HttpsRequired") => "in the clear",
                _ => "admitted",
            };
            if got != expected {
                wrong.push(format!(
                    "{} {} as {role:?}: {got} ({status}), the table says {expected}",
                    row.method, row.route
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn expect(access: Access, role: Option<Role>) -> &'static str {
    match (access, role) {
        (Access::Anybody | Access::Visitor | Access::Operator, _) => "admitted",
        (Access::Machine, _) | (Access::Person(_), None) => "refused",
        // the harness speaks plain HTTP: nobody is let through (`login` asks over TLS)
        (Access::Program(_) | Access::SignedIn | Access::Encrypted, _) => "in the clear",
        (Access::Person(permission), Some(role)) if role.grants(permission) => "admitted",
        (Access::Person(_), Some(_)) => "forbidden",
    }
}

/// Asks for a route with made-up parts. What is let through usually finds nothing or misses its arguments.
async fn ask(browser: &Browser, row: &Row) -> (u16, String, String) {
    let id = "01939e2c-0000-7000-8000-000000000001";
    let path = row
        .route
        .replace("{*path}", "nothing.css")
        .replace("{*any}", "no/such/page")
        .replace("{file}", &format!("{id}.txt"))
        .replace("{publisher}", "Test.Handlers")
        .replace("{type}", "Probe")
        .replace("{name}", "Probe")
        .replace("{handler}", "Test.Handlers.Probe")
        .replace("{number}", "1")
        .replace("{id}", id)
        .replace("{vm}", id)
        .replace("{tenant}", "adfs");
    let method: Method = row.method.parse().unwrap();
    if path == "/live" {
        let response = browser.stream("/live?topic=vms", &[]).await;
        return (response.status().as_u16(), header(response.headers(), "location"), String::new());
    }
    let kind =
        if path == "/packages" { "multipart/form-data; boundary=x" } else { "application/x-www-form-urlencoded" };
    let accept = if path.starts_with("/api/") { "application/json" } else { "text/html" };
    let answer = browser.send(method, &path, &[("accept", accept), ("content-type", kind)], Vec::new()).await;
    (answer.status.as_u16(), header(&answer.headers, "location"), answer.text())
}

fn header(headers: &axum::http::HeaderMap, name: &str) -> String {
    headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned()
}

#[tokio::test]
async fn what_nobody_listed_is_not_there() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    for (method, path, status) in [
        (Method::POST, "/no/such/thing", 405),
        (Method::DELETE, "/vms", 405),
        (Method::PUT, "/api/vms", 405),
        (Method::GET, "/api/vms/power", 405),
        (Method::POST, "/api/no-such-function", 405),
    ] {
        let answer = owner.send(method.clone(), path, &[], Vec::new()).await;
        assert!([404, status].contains(&answer.status.as_u16()), "{method} {path}: {}", answer.status);
    }
    let missing = owner.get("/no/such/page").await;
    assert_eq!(missing.status, 404);
    let open = portal.http.open(Method::GET, "/no/such/page", &[("accept", "text/html")], Body::empty()).await;
    assert_eq!(open.status(), 303, "strangers do not learn which pages there are");
}
