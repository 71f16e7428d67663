//! The ARM API as programs see it: real tokens from the token route, real answers, simulated machines.

mod authorization;
mod extensions;
mod golden;
mod hostile;
mod machines;
mod roles;

use axum::http::Method;
use domain::{
    access::NewSecret,
    actor::{Actor, Role},
    portal::AccessCalls,
    scope::Scope,
};
use serde_json::{Value, json};

use crate::harness::{Answer, Http, Portal, encode};

/// A program with a token.
#[derive(Clone)]
pub struct Program {
    http: Http,
    token: String,
    pub subscription: String,
}

/// A portal that programs reach: the tests stand where its TLS proxy would.
pub async fn portal() -> Portal {
    Portal::start_with(|config| config.behind_proxy = true).await
}

impl Program {
    /// A new service principal with a role, signed in.
    pub async fn new(portal: &Portal, role: Role, scope: Scope) -> Self {
        let name = format!("program-{}", rand::random::<u32>());
        let made = portal.control.principal_create(&Actor::system(), name, 1, Some((role, scope))).await.unwrap();
        Self::of(portal, &made).await
    }

    /// One that may do everything.
    pub async fn owner(portal: &Portal) -> Self {
        Self::new(portal, Role::Owner, Scope::Subscription).await
    }

    /// A service principal, signed in.
    pub async fn of(portal: &Portal, made: &NewSecret) -> Self {
        let app_id = made.principal.app_id.to_string();
        let form = encode(&[
            ("grant_type", "client_credentials"),
            ("client_id", &app_id),
            ("client_secret", &made.secret),
            ("resource", "https://management.azure.com/"),
        ]);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-proto", "https")];
        let answer = portal.http.send(Method::POST, "/adfs/oauth2/token", &headers, form).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let subscription = portal.control.installation().await.unwrap_or_else(|e| panic!("{}", e.into_fault()));
        Self { http: portal.http.clone(), token, subscription: subscription.subscription_id.to_string() }
    }

    /// Asks; `{s}` in the path is the subscription's address, and `api-version` is added where it is missing.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|value| value.to_string().into_bytes()).unwrap_or_default();
        self.send(method, path, &[("content-type", "application/json")], body).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut path = path.replace("{s}", &format!("/subscriptions/{}", self.subscription));
        if !path.to_lowercase().contains("api-version=") {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str("api-version=2024-11-01");
        }
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str()), ("x-forwarded-proto", "https")];
        all.extend(headers);
        self.http.send(method, &path, &all, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    /// Follows `Azure-AsyncOperation` to the end.
    pub async fn follow(&self, answer: &Answer) -> Value {
        let address = answer.header("azure-asyncoperation").to_owned();
        assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
        let path = address.split_once("://").unwrap().1;
        let path = &path[path.find('/').unwrap()..];
        crate::harness::eventually("the operation ends", async || {
            let status = self.get(path).await.json();
            (status["status"] != "InProgress").then_some(status)
        })
        .await
    }
}

/// The code of an error.
pub fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

/// Where the machine `name` is that [`Portal::machine`] made.
pub fn at(name: &str) -> String {
    format!("{{s}}/resourceGroups/default/providers/Microsoft.Compute/virtualMachines/{name}")
}

/// A whole extension.
pub fn probe(say: &str) -> Value {
    json!({"location": "annex", "properties": {
        "publisher": "Test.Handlers", "type": "Probe", "typeHandlerVersion": "1.0", "autoUpgradeMinorVersion": true,
        "settings": {"say": say},
    }})
}
