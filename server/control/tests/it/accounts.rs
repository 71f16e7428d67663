//! The first owner, signing in, roles.

use domain::{
    actor::{Actor, Role},
    fault::FaultKind,
    portal::AccountCalls,
    secret::Secret,
};

use crate::fixture::{Fixture, having};

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

#[tokio::test]
async fn the_welcome_link_works_once() {
    let f = Fixture::new().await;
    let link = f.control.welcome_link_token().await.map_err(|e| e.into_fault()).unwrap().unwrap();
    let short = f.control.welcome(link.reveal(), "ana", secret("short")).await.expect_err("short").into_fault();
    assert_eq!(short.target.as_deref(), Some("password"));
    assert!(f.control.welcome("annex-welcome_guess", "ana", secret("long enough 1")).await.is_err());
    let owner =
        f.control.welcome(link.reveal(), "ana", secret("long enough 1")).await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(owner.account.role, Role::Owner);
    assert!(f.control.welcome(link.reveal(), "eve", secret("long enough 1")).await.is_err());
    assert!(f.control.welcome_link_token().await.map_err(|e| e.into_fault()).unwrap().is_none());
}

#[tokio::test]
async fn sign_in_is_limited_and_says_nothing_about_names() {
    let f = Fixture::new().await;
    let link = f.control.welcome_link_token().await.map_err(|e| e.into_fault()).unwrap().unwrap();
    f.control.welcome(link.reveal(), "ana", secret("long enough 1")).await.map_err(|e| e.into_fault()).unwrap();
    let who = f.control.sign_in("ANA", secret("long enough 1"), "::1").await.map_err(|e| e.into_fault()).unwrap();
    let wrong = f.control.sign_in("ana", secret("x"), "::1").await.expect_err("wrong").into_fault();
    let nobody = f.control.sign_in("bob", secret("x"), "::1").await.expect_err("nobody").into_fault();
    assert_eq!(wrong, nobody);
    let mut last = wrong;
    for _ in 0..12 {
        if let Err(error) = f.control.sign_in("ana", secret("y"), "10.0.0.9").await {
            last = error.into_fault();
        }
    }
    assert_eq!(last.kind, FaultKind::TooMany);
    let actor = async || f.control.actor(who.account.id, who.stamp).await.map_err(|e| e.into_fault()).unwrap();
    let ana = actor().await.unwrap();
    f.pass(1_000);
    f.control.password_change(&ana, secret("long enough 1"), secret("long enough 2")).await.unwrap();
    assert_eq!(actor().await, None, "sessions from before the change are over");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let f = Fixture::new().await;
    let link = f.control.welcome_link_token().await.map_err(|e| e.into_fault()).unwrap().unwrap();
    let owner =
        f.control.welcome(link.reveal(), "ana", secret("long enough 1")).await.map_err(|e| e.into_fault()).unwrap();
    let owner = owner.account;
    let actor = Actor { account: Some(owner.id), ..having("ana", Role::Owner) };
    let refused = f.control.account_update(&actor, owner.id, Role::Reader, true).await.unwrap_err();
    assert!(refused.message.contains("only Owner"));
    f.control.account_create(&actor, "bob".into(), Role::Owner, secret("long enough 3")).await.unwrap();
    f.control.account_update(&actor, owner.id, Role::Reader, true).await.unwrap();
    let reader = having("rita", Role::Reader);
    assert_eq!(f.control.account_list(&reader).await.unwrap_err().kind, FaultKind::Forbidden);
    let taken = f
        .control
        .account_create(&Actor::system(), "BOB".into(), Role::Reader, secret("long enough 4"))
        .await
        .unwrap_err();
    assert_eq!(taken.kind, FaultKind::Conflict);
}
