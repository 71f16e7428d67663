//! Service principals, role assignments, token keys, facts that are made once.

use domain::{
    access::{PrincipalKind, SecretNote, ServicePrincipal},
    actor::Role,
    ids::{AppId, PrincipalId, RoleAssignmentId, SecretId},
    scope::{Grant, Scope},
};
use store::{Error, RoleAssignmentRow, ServicePrincipalRow, TokenKeyRow};
use uuid::Uuid;

use crate::{
    fixture::{Fixture, NOW},
    story,
};

fn program(name: &str) -> ServicePrincipalRow {
    ServicePrincipalRow {
        principal: ServicePrincipal {
            id: PrincipalId::new(Uuid::now_v7()),
            app_id: AppId::new(Uuid::now_v7()),
            name: name.into(),
            enabled: true,
            created_at: NOW,
            created_by: "ana".into(),
            last_sign_in_at: None,
            secrets: Vec::new(),
        },
        secret_hashes: Vec::new(),
        changed_at: NOW,
    }
}

fn secret(hint: &str, after_ms: i64) -> SecretNote {
    let created_at = NOW.plus_millis(after_ms);
    SecretNote { id: SecretId::new(Uuid::now_v7()), hint: hint.into(), created_at, expires_at: NOW.plus_millis(9000) }
}

fn role(principal: PrincipalId, role: Role, scope: Scope) -> RoleAssignmentRow {
    RoleAssignmentRow {
        id: RoleAssignmentId::new(Uuid::now_v7()),
        principal,
        kind: PrincipalKind::ServicePrincipal,
        grant: Grant { role, scope },
        created_at: NOW,
        created_by: "ana".into(),
    }
}

story!(a_service_principal_with_secrets, programs);
async fn programs(f: &Fixture) {
    let (mut ci, other) = (program("CI"), program("backup"));
    let (first, second) = (secret("abc", 0), secret("xyz", 1));
    let mut tx = f.store.begin().await.unwrap();
    tx.service_principal_insert(&ci).await.unwrap();
    tx.service_principal_insert(&other).await.unwrap();
    tx.service_principal_secret_insert(ci.principal.id, &second, "hash-2").await.unwrap();
    tx.service_principal_secret_insert(ci.principal.id, &first, "hash-1").await.unwrap();
    let read = tx.service_principal_by_app(ci.principal.app_id).await.unwrap().unwrap();
    assert_eq!(read.principal.secrets, [first.clone(), second.clone()], "oldest first");
    assert_eq!(read.secret_hashes, ["hash-1", "hash-2"]);
    ci.principal.enabled = false;
    ci.changed_at = NOW.plus_millis(5);
    tx.service_principal_update(&ci).await.unwrap();
    tx.service_principal_signed_in(ci.principal.id, NOW.plus_millis(7)).await.unwrap();
    let read = tx.service_principal_get(ci.principal.id).await.unwrap().unwrap();
    assert_eq!((read.principal.enabled, read.changed_at), (false, NOW.plus_millis(5)));
    assert_eq!(read.principal.last_sign_in_at, Some(NOW.plus_millis(7)));
    assert!(!tx.service_principal_secret_delete(other.principal.id, first.id).await.unwrap(), "somebody else's");
    assert!(tx.service_principal_secret_delete(ci.principal.id, first.id).await.unwrap());
    let names: Vec<_> = tx.service_principal_list().await.unwrap();
    assert_eq!(names.iter().map(|r| r.principal.name.as_str()).collect::<Vec<_>>(), ["backup", "CI"]);
    assert_eq!(names[1].principal.secrets, [second]);
    tx.role_assignment_insert(&role(ci.principal.id, Role::Reader, Scope::Subscription)).await.unwrap();
    tx.service_principal_delete(ci.principal.id).await.unwrap();
    assert!(tx.service_principal_get(ci.principal.id).await.unwrap().is_none());
    assert!(tx.role_assignment_list().await.unwrap().is_empty(), "its roles are gone with it");
    tx.commit().await.unwrap();
    let mut tx = f.store.begin().await.unwrap();
    let twin = tx.service_principal_insert(&program("BACKUP")).await;
    assert!(matches!(twin, Err(Error::Duplicate { .. })));
}

story!(role_assignments_are_unique_by_scope_without_case, roles);
async fn roles(f: &Fixture) {
    let vm = f.vm("a").await;
    let (one, machine) = (PrincipalId::new(Uuid::now_v7()), PrincipalId::new(vm.id.uuid()));
    let group = |name: &str| Scope::ResourceGroup(name.parse().unwrap());
    let kept = role(one, Role::Contributor, group("Lab"));
    let mut tx = f.store.begin().await.unwrap();
    tx.role_assignment_insert(&kept).await.unwrap();
    tx.role_assignment_insert(&role(one, Role::Owner, Scope::Vm(vm.id))).await.unwrap();
    tx.role_assignment_insert(&role(machine, Role::Reader, Scope::Subscription)).await.unwrap();
    let read = tx.role_assignment_get(kept.id).await.unwrap().unwrap();
    assert_eq!((&read, read.grant.scope.code()), (&kept, "group:Lab".to_owned()));
    assert_eq!(tx.role_assignment_list_of(one).await.unwrap().len(), 2);
    tx.vm_delete(vm.id).await.unwrap();
    assert_eq!(
        tx.role_assignment_list().await.unwrap(),
        std::slice::from_ref(&kept),
        "what a removed machine had, or was a place for"
    );
    tx.commit().await.unwrap();
    let mut tx = f.store.begin().await.unwrap();
    let twin = tx.role_assignment_insert(&role(one, Role::Contributor, group("LAB"))).await;
    assert!(matches!(twin, Err(Error::Duplicate { .. })));
    drop(tx);
    let mut tx = f.store.begin().await.unwrap();
    assert!(tx.role_assignment_delete(kept.id).await.unwrap());
    assert!(!tx.role_assignment_delete(kept.id).await.unwrap());
}

story!(a_new_token_key_retires_the_others, keys);
async fn keys(f: &Fixture) {
    let key = |id: &str, at: i64| TokenKeyRow {
        id: id.into(),
        modulus: "n".into(),
        exponent: "AQAB".into(),
        private_key: "sealed".into(),
        created_at: NOW.plus_millis(at),
        retired_at: None,
    };
    let mut tx = f.store.begin().await.unwrap();
    tx.token_key_insert(&key("1", 0)).await.unwrap();
    tx.token_key_insert(&key("2", 10)).await.unwrap();
    let all = tx.token_key_list().await.unwrap();
    assert_eq!(all, [key("2", 10), TokenKeyRow { retired_at: Some(NOW.plus_millis(10)), ..key("1", 0) }]);
    tx.token_keys_drop(NOW.plus_millis(10)).await.unwrap();
    assert!(tx.token_key_get("1").await.unwrap().is_some());
    tx.token_keys_drop(NOW.plus_millis(11)).await.unwrap();
    assert!(tx.token_key_get("1").await.unwrap().is_none());
    assert!(tx.token_key_get("2").await.unwrap().is_some(), "the one in use stays");
}

story!(a_fact_is_made_once, once);
async fn once(f: &Fixture) {
    let ask = |value: &'static str| async move {
        let mut tx = f.store.begin().await.unwrap();
        let kept = tx.server_setting_once("installation.test", value).await.unwrap();
        tx.commit().await.unwrap();
        kept
    };
    let (a, b) = tokio::join!(ask("one"), ask("two"));
    assert_eq!(a, b);
    assert_eq!(ask("three").await, a);
}
