//! Role assignments: given, read, taken away, and what they do within the second.

use axum::http::Method;
use domain::{
    actor::{Actor, Role},
    portal::AccessCalls,
    scope::Scope,
};
use serde_json::json;

use super::{Program, at, code, portal, probe};
use crate::harness::Package;

#[tokio::test]
async fn a_role_holds_from_when_it_is_given_until_it_is_taken_away() {
    let portal = portal().await;
    portal.publish(&Package::probe()).await;
    let (_a, _b) = (portal.machine("alpha").await, portal.machine("beta").await);
    let owner = Program::owner(&portal).await;
    let made = portal.control.principal_create(&Actor::system(), "deployer".into(), 1, None).await.unwrap();
    let deployer = Program::of(&portal, &made).await;
    let (alpha, beta) = (format!("{}/extensions/Probe", at("alpha")), format!("{}/extensions/Probe", at("beta")));
    assert_eq!(deployer.put(&alpha, probe("x")).await.status, 403);
    // what a client asks when it signs in: it may, and there is nothing for it
    assert_eq!(deployer.get("/tenants").await.json()["value"].as_array().unwrap().len(), 1);
    assert_eq!(deployer.get("/subscriptions").await.json()["value"], json!([]));

    let id = uuid::Uuid::now_v7();
    let role = format!(
        "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{}",
        owner.subscription,
        Role::ExtensionOperator.definition_id()
    );
    let assignment = format!("{}/providers/Microsoft.Authorization/roleAssignments/{id}", at("alpha"));
    let body = json!({"properties": {"roleDefinitionId": role, "principalId": made.principal.id, "principalType": "ServicePrincipal"}});
    let given = owner.put(&assignment, body.clone()).await;
    assert_eq!(given.status, 201, "{}", given.text());
    assert_eq!(given.json()["properties"]["roleDefinitionId"], json!(role));
    assert_eq!(owner.put(&assignment, body.clone()).await.status, 200);
    let twin = owner.put(&assignment.replace(&id.to_string(), &uuid::Uuid::now_v7().to_string()), body).await;
    assert_eq!((twin.status.as_u16(), code(&twin).as_str()), (409, "RoleAssignmentExists"));

    assert_eq!(deployer.put(&alpha, probe("x")).await.status, 201);
    assert_eq!(deployer.get("/subscriptions").await.json()["value"].as_array().unwrap().len(), 1);
    // another machine, there or not: the same answer, so nothing leaks
    for path in [&beta, &format!("{}/extensions/Probe", at("nobody"))] {
        let refused = deployer.put(path, probe("x")).await;
        assert_eq!((refused.status.as_u16(), code(&refused).as_str()), (403, "AuthorizationFailed"), "{path}");
    }
    let seen = deployer.get("{s}/providers/Microsoft.Compute/virtualMachines").await.json();
    assert_eq!(seen["value"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(
        deployer
            .put(&assignment, json!({"properties": {"roleDefinitionId": role, "principalId": made.principal.id}}))
            .await
            .status,
        403
    );

    let list = owner
        .get(&format!("{}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()", at("alpha")))
        .await
        .json();
    assert!(list["value"].as_array().unwrap().iter().any(|a| a["name"] == json!(id.to_string())), "{list}");
    // under another scope's address it is not there
    let elsewhere = format!("{{s}}/providers/Microsoft.Authorization/roleAssignments/{id}");
    assert_eq!(owner.get(&elsewhere).await.status, 404);
    assert_eq!(owner.ask(Method::DELETE, &elsewhere, None).await.status, 204);
    assert_eq!(owner.get(&assignment).await.status, 200, "and was not taken away");
    let taken = owner.ask(Method::DELETE, &assignment, None).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert_eq!(deployer.get(&alpha).await.status, 403, "at once, with the same token");
    assert_eq!(owner.ask(Method::DELETE, &assignment, None).await.status, 204);
}

#[tokio::test]
async fn a_disabled_program_is_not_heard_any_more() {
    let portal = portal().await;
    let made = portal
        .control
        .principal_create(&Actor::system(), "p".into(), 1, Some((Role::Reader, Scope::Subscription)))
        .await
        .unwrap();
    let program = Program::of(&portal, &made).await;
    assert_eq!(program.get("{s}/resourceGroups").await.status, 200);
    portal.control.principal_enable(&Actor::system(), made.principal.id, false).await.unwrap();
    assert_eq!(program.get("{s}/resourceGroups").await.status, 401);
}
