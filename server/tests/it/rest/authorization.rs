//! Every route of the API by every role at every scope: admitted exactly where the table and the scope say so.

use axum::http::Method;
use domain::{
    actor::{Permission, Role},
    portal::VmCalls,
    scope::Scope,
};
use server::authorization::{Access, table};

use super::{Program, code, portal};

/// Placeholders of route templates: the one machine that narrow roles are given at or around.
fn filled(route: &str, subscription: &str) -> String {
    let guid = "9a1f7a1e-53ab-4b59-8f0b-2f8ff66e1f3c";
    [
        ("{subscriptionId}", subscription),
        ("{resourceGroupName}", "default"),
        ("{vmName}", "alpha"),
        ("{vmExtensionName}", "none"),
        ("{runCommandName}", "none"),
        ("{location}", "annex"),
        ("{publisherName}", "nobody"),
        ("{type}", "none"),
        ("{version}", "1.0.0"),
        ("{commandId}", "ifconfig"),
        ("{operationId}", guid),
        ("{roleAssignmentName}", guid),
        ("{resourceProviderNamespace}", "Microsoft.Compute"),
        ("{*rest}", "x"),
    ]
    .into_iter()
    .fold(route.to_owned(), |path, (from, to)| path.replace(from, to))
}

/// Is what the route is about inside of the scope? What is about no machine and no group is for whoever has the permission
/// anywhere, where it only reads.
fn inside(route: &str, permission: Permission, scope: &str) -> bool {
    match scope {
        "subscription" => true,
        "group" => route.contains("{resourceGroupName}") || permission == Permission::Read,
        // a list of what is in a group is narrowed to the machine
        _ if route.contains("/providers/Microsoft.Network/") || route.ends_with("/virtualMachines") => true,
        _ => route.contains("{vmName}") || (permission == Permission::Read && !route.contains("{resourceGroupName}")),
    }
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let portal = portal().await;
    portal.machine("alpha").await;
    portal.control.vm_register(&domain::actor::Actor::system(), "beta".into()).await.unwrap();
    let vm =
        portal.control.vm_list(&domain::actor::Actor::system(), Default::default(), Default::default()).await.unwrap();
    let vm = vm.items.iter().find(|vm| vm.name.as_str() == "alpha").unwrap().id;
    let mut wrong = Vec::new();
    let mut asked = 0;
    for role in Role::ALL {
        for (word, scope) in [
            ("subscription", Scope::Subscription),
            ("group", Scope::ResourceGroup("default".parse().unwrap())),
            ("machine", Scope::Vm(vm)),
        ] {
            let program = Program::new(&portal, role, scope).await;
            // what would take the machine away or change its power comes last by not being asked of those who may
            for row in table().filter(|row| matches!(row.access, Access::Program(_))) {
                let Access::Program(permission) = row.access else { continue };
                let may = role.grants(permission) && inside(row.route, permission, word);
                let destroys =
                    row.method == "DELETE" && !row.route.contains("None") && may && permission != Permission::Read;
                if destroys
                    && !row.route.contains("{roleAssignmentName}")
                    && !row.route.contains("ExtensionName")
                    && !row.route.contains("runCommandName")
                {
                    continue;
                }
                let method: Method = row.method.parse().unwrap();
                let answer = program.ask(method, &filled(row.route, &program.subscription), None).await;
                asked += 1;
                let forbidden = answer.status == 403;
                // an empty list of other people's things is an answer, not a refusal
                if forbidden == may {
                    wrong.push(format!(
                        "{} {} as {role:?} at {word}: {} {}",
                        row.method,
                        row.route,
                        answer.status,
                        answer.text()
                    ));
                }
                assert_ne!(answer.status, 500, "{} {}: {}", row.method, row.route, answer.text());
                assert_ne!(answer.status, 401, "{} {}", row.method, row.route);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked > 800, "{asked}");
}

#[tokio::test]
async fn without_a_token_nobody_is_admitted() {
    let portal = portal().await;
    for row in table().filter(|row| matches!(row.access, Access::Program(_) | Access::SignedIn)) {
        let path = format!("{}?api-version=2024-11-01", filled(row.route, "x"));
        let answer =
            portal.http.send(row.method.parse().unwrap(), &path, &[("x-forwarded-proto", "https")], Vec::new()).await;
        assert_eq!(answer.status, 401, "{} {}", row.method, row.route);
        assert!(!code(&answer).is_empty());
    }
}

#[test]
fn every_described_action_has_a_row() {
    let described = server::rest::routes();
    assert!(described.len() > 60, "{}", described.len());
    for (method, path) in &described {
        let method = if method == "HEAD" { "GET" } else { method.as_str() };
        let row = table().find(|row| row.method == method && row.route == path);
        assert!(
            matches!(row.map(|row| row.access), Some(Access::Program(_) | Access::SignedIn)),
            "{method} {path} has no row"
        );
    }
    for row in table().filter(|row| row.route.starts_with("/subscriptions/{subscriptionId}")) {
        assert!(
            described.iter().any(|(method, path)| method == row.method && path == row.route),
            "{row:?} is not described"
        );
    }
}
