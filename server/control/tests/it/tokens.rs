//! Service principals, their secrets, tokens, and role assignments.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use control::{IssuedToken, ProgramCredentials};
use domain::{
    access::{NewSecret, RoleOrder},
    activity::Outcome,
    actor::{Actor, Permission, Role},
    fault::Fault,
    ids::{PrincipalId, RoleAssignmentId},
    page::PageRequest,
    portal::{AccessCalls, AccountCalls, VmCalls},
    scope::{Grant, Scope},
    secret::Secret,
};
use serde_json::Value;

use crate::fixture::{Fixture, having, owner};

const ORIGIN: &str = "https://portal.example:8443";

async fn program(f: &Fixture, name: &str, grant: Option<(Role, Scope)>) -> NewSecret {
    f.control.principal_create(&owner(), name.into(), 30, grant).await.unwrap()
}

async fn sign_in(f: &Fixture, app: &str, secret: &str, resource: &str) -> Result<IssuedToken, Fault> {
    let shown =
        ProgramCredentials { client_id: app.into(), client_secret: Secret::new(secret), resource: resource.into() };
    f.control.token_for_program(shown, ORIGIN, "192.0.2.1").await.map_err(|e| e.into_fault())
}

async fn token(f: &Fixture, made: &NewSecret) -> String {
    let issued = sign_in(f, &made.principal.app_id.to_string(), &made.secret, ORIGIN).await.unwrap();
    issued.access_token.reveal().to_owned()
}

async fn who(f: &Fixture, token: &str) -> Result<Actor, Fault> {
    f.control.token_actor(token, ORIGIN).await.map_err(|e| e.into_fault())
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_program_signs_in_and_acts_with_its_roles_until_they_are_taken_away() {
    let f = Fixture::new().await;
    let made = program(&f, "ci", Some((Role::Reader, Scope::Subscription))).await;
    let token = token(&f, &made).await;
    let said = claims(&token);
    let tenant = made.installation.tenant_id.to_string();
    assert_eq!((said["tid"].as_str(), said["aud"].as_str()), (Some(tenant.as_str()), Some(ORIGIN)));
    assert_eq!(said["iss"], format!("{ORIGIN}/{tenant}/v2.0"));
    assert_eq!(said["oid"], made.principal.id.to_string());
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 3600);
    let actor = who(&f, &token).await.unwrap();
    assert_eq!((actor.name.as_str(), actor.role()), ("ci (service principal)", Some(Role::Reader)));
    assert_eq!(actor.principal, Some(made.principal.id));

    // what may be done is read anew each time
    let order =
        RoleOrder { id: None, principal: made.principal.id, role: Role::Contributor, scope: Scope::Subscription };
    let given = f.control.role_assign(&owner(), order).await.unwrap();
    assert!(who(&f, &token).await.unwrap().may(Permission::ChangeMachines));
    f.control.role_unassign(&owner(), given.id).await.unwrap();
    assert!(!who(&f, &token).await.unwrap().may(Permission::ChangeMachines));

    f.control.principal_enable(&owner(), made.principal.id, false).await.unwrap();
    assert_eq!(who(&f, &token).await.unwrap_err().code, "InvalidAuthenticationToken");
    let app = made.principal.app_id.to_string();
    assert!(sign_in(&f, &app, &made.secret, ORIGIN).await.unwrap_err().message.contains("disabled"));
    f.control.principal_enable(&owner(), made.principal.id, true).await.unwrap();
    assert!(who(&f, &token).await.is_err(), "what was issued before stays void");
    let again = self::token(&f, &made).await;
    who(&f, &again).await.unwrap();
    f.control.principal_delete(&owner(), made.principal.id).await.unwrap();
    assert!(who(&f, &again).await.is_err());
    let left = f.control.role_assignment_list(&owner()).await.unwrap();
    assert!(left.iter().all(|a| a.principal != made.principal.id), "{left:?}");
}

#[tokio::test]
async fn secrets_are_rotated_expire_and_take_their_tokens_with_them() {
    let f = Fixture::new().await;
    let first = program(&f, "ci", None).await;
    let id = first.principal.id;
    let old_token = token(&f, &first).await;
    let second = f.control.principal_secret_add(&owner(), id, 400).await.unwrap();
    assert_eq!(second.principal.secrets.len(), 2);
    assert!(second.secret.starts_with(&second.principal.secrets[1].hint));
    let third = f.control.principal_secret_add(&owner(), id, 30).await.unwrap_err();
    assert_eq!(third.code, "OperationNotAllowed");
    let new_token = token(&f, &second).await;
    f.control.principal_secret_remove(&owner(), id, first.principal.secrets[0].id).await.unwrap();
    assert!(who(&f, &old_token).await.is_err(), "the removed secret's token is void");
    who(&f, &new_token).await.unwrap();
    let app = first.principal.app_id.to_string();
    assert_eq!(sign_in(&f, &app, &first.secret, ORIGIN).await.unwrap_err().code, "InvalidClient");
    f.pass(400 * 86_400_000);
    let expired = sign_in(&f, &app, &second.secret, ORIGIN).await.unwrap_err();
    assert!(expired.message.contains("expired"), "{}", expired.message);
    assert_eq!(who(&f, &new_token).await.unwrap_err().code, "ExpiredAuthenticationToken");
    for days in [0, 731] {
        assert_eq!(f.control.principal_secret_add(&owner(), id, days).await.unwrap_err().target.unwrap(), "days");
    }
}

#[tokio::test]
async fn tokens_that_are_not_ours_are_refused_each_for_its_reason() {
    let f = Fixture::new().await;
    let made = program(&f, "ci", None).await;
    let good = token(&f, &made).await;
    let (head, signature) = good.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let mut forged = claims(&good);
    forged["exp"] = Value::from(9_999_999_999_i64);
    let forged = URL_SAFE_NO_PAD.encode(forged.to_string());
    let header = good.split('.').next().unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let hmac = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT","kid":"x"}"#);
    for bad in [
        String::new(),
        "x".repeat(9000),
        "a.b.c".to_owned(),
        format!("{head}.{flipped}{}", &signature[1..]),
        format!("{header}.{forged}.{signature}"),
        format!("{none}.{forged}."),
        format!("{hmac}.{forged}.{signature}"),
    ] {
        assert_eq!(who(&f, &bad).await.unwrap_err().code, "InvalidAuthenticationToken", "{bad}");
    }
    let elsewhere = f.control.token_actor(&good, "https://other.example").await.map_err(|e| e.into_fault());
    assert_eq!(elsewhere.unwrap_err().code, "InvalidAuthenticationTokenAudience");
    let other = Fixture::new().await;
    assert!(who(&other, &good).await.is_err(), "another installation knows neither key nor tenant");
    who(&f, &good).await.unwrap();
}

#[tokio::test]
async fn the_audience_is_this_server_or_azures_name_for_it() {
    let f = Fixture::new().await;
    let made = program(&f, "ci", None).await;
    let app = made.principal.app_id.to_string();
    for resource in [
        "https://portal.example:8443/",
        "HTTPS://PORTAL.example:8443",
        "https://management.azure.com/",
        "https://management.core.windows.net//",
    ] {
        let issued = sign_in(&f, &app, &made.secret, resource).await.unwrap();
        assert!(!issued.resource.ends_with('/'), "{}", issued.resource);
        who(&f, issued.access_token.reveal()).await.unwrap();
    }
    let refused = sign_in(&f, &app, &made.secret, "https://graph.microsoft.com").await.unwrap_err();
    assert_eq!(refused.code, "InvalidResource");
}

#[tokio::test]
async fn wrong_secrets_are_noted_and_limited_and_right_ones_are_not() {
    let f = Fixture::new().await;
    let made = program(&f, "ci", None).await;
    let app = made.principal.app_id.to_string();
    for _ in 0..30 {
        sign_in(&f, &app, &made.secret, ORIGIN).await.unwrap();
    }
    let wrong = sign_in(&f, &app, "guess", ORIGIN).await.unwrap_err();
    let nobody = sign_in(&f, "no-such-app", "guess", ORIGIN).await.unwrap_err();
    assert_eq!((wrong.code.as_str(), &wrong.message), ("InvalidClient", &nobody.message), "a stranger learns nothing");
    let lines = f.control.activity_list(&owner(), Default::default(), PageRequest::default()).await.unwrap().items;
    let refused: Vec<_> = lines.iter().filter(|line| line.outcome == Outcome::Refused).collect();
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().any(|line| line.actor == "ci (service principal)"), "{refused:?}");
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(sign_in(&f, &app, "guess", ORIGIN).await.unwrap_err().code);
    }
    assert_eq!(codes.last().unwrap(), "TooManyRequests");
    assert_eq!(sign_in(&f, &app, &made.secret, ORIGIN).await.unwrap_err().code, "TooManyRequests");
}

#[tokio::test]
async fn keys_rotate_and_former_ones_verify_until_their_last_token_has_expired() {
    let f = Fixture::new().await;
    let made = program(&f, "ci", None).await;
    let old = token(&f, &made).await;
    let before = f.control.token_keys().await.map_err(|e| e.into_fault()).unwrap();
    f.control.token_key_rotate(&owner()).await.unwrap();
    assert!(f.control.token_key_rotate(&having("carl", Role::Contributor)).await.is_err());
    let after = f.control.token_keys().await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!((before.len(), after.len(), &after[1]), (1, 2, &before[0]));
    let fresh = token(&f, &made).await;
    for token in [&old, &fresh] {
        who(&f, token).await.unwrap();
    }
    f.pass(31 * 86_400_000);
    let made = f.control.principal_create(&owner(), "later".into(), 30, None).await.unwrap();
    token(&f, &made).await;
    let later = f.control.token_keys().await.map_err(|e| e.into_fault()).unwrap();
    assert!(!after.contains(&later[0]), "a key signs for 30 days");
}

#[tokio::test]
async fn a_machine_acts_as_itself_until_it_is_enrolled_anew_or_removed() {
    let f = Fixture::new().await;
    let machine = f.machine("web").await;
    let issue = async || {
        let issued = f.control.token_for_machine(machine.id, "https://management.azure.com/", ORIGIN).await;
        issued.map_err(|e| e.into_fault()).map(|issued| issued.access_token.reveal().to_owned())
    };
    let token = issue().await.unwrap();
    let id = claims(&token)["xms_mirid"].as_str().unwrap().to_lowercase();
    assert!(id.ends_with("/resourcegroups/default/providers/microsoft.compute/virtualmachines/web"), "{id}");
    assert!(!who(&f, &token).await.unwrap().may_somewhere(Permission::Read), "no roles were given");
    let principal = PrincipalId::new(machine.id.uuid());
    let order = RoleOrder { id: None, principal, role: Role::Reader, scope: Scope::Vm(machine.id) };
    let given = f.control.role_assign(&owner(), order).await.unwrap();
    assert_eq!((given.principal_name.as_str(), given.scope_label()), ("web", "Machine web".to_owned()));
    let actor = who(&f, &token).await.unwrap();
    assert_eq!(actor.name, "web (machine)");
    f.control.vm_get(&actor, machine.id).await.unwrap();
    f.control.vm_delete(&owner(), machine.id).await.unwrap();
    assert!(who(&f, &token).await.is_err() && issue().await.is_err());
    assert_eq!(f.control.role_assignment_list(&owner()).await.unwrap(), []);
}

#[tokio::test]
async fn roles_are_given_by_id_once_and_only_by_owners_of_the_place() {
    let f = Fixture::new().await;
    let machine = f.machine("web").await;
    let ci = program(&f, "ci", None).await.principal.id;
    let id = Some(RoleAssignmentId::new(uuid::Uuid::from_u128(5)));
    let group = |name: &str| Scope::ResourceGroup(name.parse().unwrap());
    let order = RoleOrder { id, principal: ci, role: Role::Reader, scope: group("default") };
    let given = f.control.role_assign(&owner(), order.clone()).await.unwrap();
    let again = f.control.role_assign(&owner(), order.clone()).await.unwrap();
    assert_eq!(given, again, "the same put changes nothing");
    let twin = RoleOrder { id: None, scope: group("DEFAULT"), ..order.clone() };
    assert_eq!(f.control.role_assign(&owner(), twin).await.unwrap_err().code, "RoleAssignmentExists");
    let other = RoleOrder { role: Role::Owner, ..order.clone() };
    assert_eq!(f.control.role_assign(&owner(), other).await.unwrap_err().code, "RoleAssignmentUpdateNotPermitted");
    let unknown = RoleOrder { id: None, principal: PrincipalId::new(uuid::Uuid::from_u128(9)), ..order.clone() };
    assert_eq!(f.control.role_assign(&owner(), unknown).await.unwrap_err().code, "PrincipalNotFound");

    // an Owner of one group gives roles there, on its machines, and nowhere else
    let local = Actor { grants: vec![Grant { role: Role::Owner, scope: group("default") }], ..Actor::nobody("lea") };
    let on = |scope: Scope| RoleOrder { id: None, principal: ci, role: Role::Contributor, scope };
    f.control.role_assign(&local, on(Scope::Vm(machine.id))).await.unwrap();
    for scope in [Scope::Subscription, group("other")] {
        assert_eq!(f.control.role_assign(&local, on(scope)).await.unwrap_err().code, "AuthorizationFailed");
    }
    let contributor = having("carl", Role::Contributor);
    assert!(f.control.role_assign(&contributor, on(group("default"))).await.is_err());
    assert!(f.control.role_unassign(&contributor, given.id).await.is_err());
    assert!(f.control.principal_create(&local, "x".into(), 1, None).await.is_err(), "programs are the whole portal's");
    assert_eq!(f.control.role_unassign(&local, given.id).await.unwrap().unwrap().id, given.id);
    assert_eq!(f.control.role_unassign(&local, given.id).await.unwrap(), None);
}

#[tokio::test]
async fn peoples_narrow_roles_add_to_their_own_which_stays() {
    let f = Fixture::new().await;
    let machine = f.machine("web").await;
    let account =
        f.control.account_create(&owner(), "rita".into(), Role::Reader, Secret::new("long enough 1")).await.unwrap();
    let signed =
        f.control.sign_in("rita", Secret::new("long enough 1"), "x").await.map_err(|e| e.into_fault()).unwrap();
    let actor = async || f.control.actor(account.id, signed.stamp).await.map_err(|e| e.into_fault()).unwrap().unwrap();
    let principal = actor().await.principal.unwrap();
    let order = RoleOrder { id: None, principal, role: Role::ExtensionOperator, scope: Scope::Vm(machine.id) };
    f.control.role_assign(&owner(), order).await.unwrap();
    let rita = actor().await;
    let vm = f.control.vm_get(&rita, machine.id).await.unwrap();
    assert_eq!(vm.extension_change, None, "the session sees it at once");
    assert!(rita.may(Permission::Read) && !rita.may(Permission::ChangeExtensions));
    let all = f.control.role_assignment_list(&owner()).await.unwrap();
    let own = all.iter().find(|a| a.is_own_role()).unwrap();
    assert_eq!((own.principal, own.role), (principal, Role::Reader));
    let refused = f.control.role_unassign(&owner(), own.id).await.unwrap_err();
    assert!(refused.message.contains("rita"), "{}", refused.message);
}

#[tokio::test]
async fn every_process_on_one_database_agrees() {
    let f = Fixture::new().await;
    let made = program(&f, "ci", Some((Role::Reader, Scope::Subscription))).await;
    let token = token(&f, &made).await;
    let other = f.again().await.control;
    let ids = other.installation_ids().await.unwrap();
    assert_eq!(ids, f.control.installation_ids().await.unwrap());
    let actor = other.token_actor(&token, ORIGIN).await.map_err(|e| e.into_fault()).unwrap();
    assert!(actor.may(Permission::Read));
    f.control.principal_enable(&owner(), made.principal.id, false).await.unwrap();
    assert!(other.token_actor(&token, ORIGIN).await.is_err(), "at once, also there");
}
