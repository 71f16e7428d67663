//! Signing in and out, and what ends a session.

use std::time::Duration;

use axum::http::Method;
use domain::{
    actor::{Actor, Role},
    portal::AccountCalls,
};

use crate::harness::PASSWORD;
use crate::harness::Portal;

#[tokio::test]
async fn the_printed_link_works_once() {
    let portal = Portal::start().await;
    let token = portal.control.welcome_link_token().await.unwrap_or_else(|e| panic!("{}", e.into_fault())).unwrap();
    let form = |password| [("token", token.reveal()), ("name", "olive"), ("password", password)];
    let browser = portal.browser();
    let short = browser.submit("/welcome", &form("short")).await;
    assert!(short.location().contains("field=password"), "{}", short.location());
    assert_eq!(browser.get("/").await.status, 303, "not signed in by a refused form");
    assert_eq!(browser.submit("/welcome", &form(PASSWORD)).await.location(), "/");
    assert_eq!(browser.get("/").await.status, 200);
    let again = portal.browser().submit("/welcome", &form(PASSWORD)).await;
    assert!(again.location().contains("error=InvalidToken"), "{}", again.location());
}

#[tokio::test]
async fn people_without_a_session_are_sent_to_sign_in_and_back() {
    let portal = Portal::start().await;
    drop(portal.owner().await);
    let stranger = portal.browser();
    let sent = stranger.get("/vms?q=a%20b").await;
    assert_eq!(sent.status, 303);
    assert_eq!(sent.location(), "/sign-in?next=%2Fvms%3Fq%3Da%2520b");
    let form = |next| [("name", "olive"), ("password", PASSWORD), ("next", next)];
    assert_eq!(stranger.submit("/sign-in", &form("/vms?q=a%20b")).await.location(), "/vms?q=a%20b");
    assert_eq!(portal.browser().submit("/sign-in", &form("https://evil.example/")).await.location(), "/");
    let api = portal.browser().call(Method::GET, "/api/home", &[]).await;
    assert_eq!((api.status.as_u16(), api.json()["code"].as_str()), (401, Some("Unauthenticated")));
}

#[tokio::test]
async fn a_wrong_password_says_nothing_and_tries_are_limited() {
    let portal = Portal::start().await;
    drop(portal.owner().await);
    let browser = portal.browser();
    let wrong = browser.sign_in("olive", "wrong wrong wrong").await;
    let unknown = browser.sign_in("nobody", "wrong wrong wrong").await;
    let strip = |location: &str| location.replace("olive", "").replace("nobody", "");
    assert_eq!(strip(wrong.location()), strip(unknown.location()), "alike for names that exist and that do not");
    let mut limited = false;
    for _ in 0..12 {
        limited |= browser.sign_in("olive", "wrong wrong wrong").await.location().contains("TooManyRequests");
    }
    assert!(limited, "tries are limited");
    assert!(browser.sign_in("olive", PASSWORD).await.location().contains("TooManyRequests"), "for the right one, too");
}

#[tokio::test]
async fn a_session_ends_by_sign_out_role_change_and_password_change() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let cookie = owner.cookie("annex_session").expect("a session cookie");
    assert_eq!(owner.get("/vms").await.status, 200);
    owner.submit("/sign-out", &[]).await;
    let headers = [("cookie", format!("annex_session={cookie}")), ("accept", "text/html".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let replayed = portal.http.send(Method::GET, "/vms", &headers, vec![]).await;
    assert_eq!(replayed.status, 303, "the row is gone, so the old cookie is worth nothing");

    let reader = portal.person(Role::Reader).await;
    assert_eq!(reader.get("/vms").await.status, 200);
    let accounts = portal.control.account_list(&Actor::system()).await.unwrap();
    let account = accounts.iter().find(|a| a.role == Role::Reader).unwrap();
    // changes count by whole milliseconds
    tokio::time::sleep(Duration::from_millis(2)).await;
    portal.control.account_update(&Actor::system(), account.id, Role::Contributor, true).await.unwrap();
    assert_eq!(reader.get("/vms").await.status, 303, "the role changed");

    let (here, there) = (portal.browser(), portal.browser());
    for browser in [&here, &there] {
        assert_eq!(browser.sign_in("olive", PASSWORD).await.location(), "/");
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    let new = "another long password";
    let form = [("old", PASSWORD), ("new", new), ("repeated", new)];
    let changed = here.call(Method::POST, "/api/account/password", &form).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(here.get("/vms").await.status, 200, "whoever changed it stays signed in");
    assert_eq!(there.get("/vms").await.status, 303, "other sessions end");
}

#[tokio::test]
async fn sessions_outlive_neither_idleness_nor_their_longest_life() {
    let idle = Portal::start_with(|config| config.session_idle = Duration::from_secs(4)).await;
    let browser = idle.owner().await;
    assert_eq!(browser.get("/vms").await.status, 200);
    tokio::time::sleep(Duration::from_secs(6)).await; // an idle time of the browser: a request would be an activity
    assert_eq!(browser.get("/vms").await.status, 303, "idle sessions end");

    let longest = Portal::start_with(|config| config.session_longest = Duration::from_secs(4)).await;
    let browser = longest.owner().await;
    crate::harness::eventually("old sessions end", async || (browser.get("/vms").await.status == 303).then_some(()))
        .await;
}
