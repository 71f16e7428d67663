//! The authorization table at work: deny by default, before any handler runs.
//!
//! ```text
//!  route template ─► row ─┬─ Anybody ────────────────────────────────────────────► handler
//!                         ├─ Visitor ── same origin ── session, if any ──────────► handler
//!                         ├─ Person ─── same origin ── session ── role suffices somewhere ─► handler   (else sign-in | 401 | 403)
//!                         ├─ Machine ── Authorization: Bearer ───────────────────► handler   (else 401)
//!                         ├─ Program ── TLS ── token ── role suffices somewhere ─► handler   (else 400 | 401 | 403)
//!                         ├─ SignedIn ─ TLS ── token ────────────────────────────► handler   (else 400 | 401)
//!                         ├─ Encrypted ── TLS ───────────────────────────────────► handler   (else 400)
//!                         └─ Operator ─ from this host, or an Owner ─────────────► handler   (else 403)
//!  no row ─► 404        on a local socket only Anybody and Machine ─► else 404
//! ```

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    actor::{Actor, Permission},
    fault::{Fault, FaultKind},
};

use super::{
    observe::AskedBy,
    origin,
    refuse_program::{not_encrypted, refuse_program},
    remote, same_origin,
};
use crate::{
    authorization::{Access, Verdict, verdict},
    listen::Peer,
    session,
    state::AppState,
};

/// The route of pages that are not there.
const PAGES_CATCH_ALL: &str = "/{*any}";

/// Lets a request through to its handler, with who asks among its extensions, or answers it.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // a program's question is checked and answered from one state of the database
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match reads && crate::rest::path::is_arm(request.uri().path()) {
        true => control::reading(admit(state, request, next)).await,
        false => admit(state, request, next).await,
    }
}

async fn admit(state: AppState, mut request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map(MatchedPath::as_str);
    if route.is_none_or(|route| route == PAGES_CATCH_ALL) && crate::rest::path::is_arm(request.uri().path()) {
        return no_route_of_arm(&state, request).await;
    }
    let found = match route {
        Some(route) if state.is_public_file(route) => verdict(request.method(), "/pkg/{*path}"),
        Some(route) => verdict(request.method(), route),
        None => Verdict::Unknown,
    };
    let access = match found {
        Verdict::Needs(access) => access,
        Verdict::OtherMethod => return other_method(&request),
        Verdict::Unknown => return StatusCode::NOT_FOUND.into_response(),
    };
    if on_machine_socket(&request) && !matches!(access, Access::Anybody | Access::Machine) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let admitted = match access {
        Access::Anybody => Ok(None),
        Access::Visitor => visitor(&state, &mut request).await,
        Access::Person(permission) => person(&state, &mut request, permission).await,
        Access::Machine => machine(&state, &mut request).await,
        Access::Program(permission) => program(&state, &mut request, Some(permission)).await,
        Access::SignedIn => program(&state, &mut request, None).await,
        Access::Encrypted => over_tls(&state, &request).map(|()| None),
        Access::Operator => operator(&state, &mut request).await,
    };
    match admitted {
        Ok(name) => {
            let mut response = next.run(request).await;
            if let Some(name) = name {
                response.extensions_mut().insert(AskedBy(name));
            }
            response
        }
        Err(response) => *response,
    }
}

/// A program that asks for what the API has not: it is told so once it is known who it is.
async fn no_route_of_arm(state: &AppState, mut request: Request) -> Response {
    if on_machine_socket(&request) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match program(state, &mut request, Some(Permission::Read)).await {
        Ok(_) => crate::rest::unknown(state, request).await,
        Err(response) => *response,
    }
}

/// Programs of the ARM API read an error's code in its body.
fn other_method(request: &Request) -> Response {
    let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
    if crate::rest::path::is_arm(request.uri().path()) {
        let message = format!("The requested resource does not support http method '{}'.", request.method());
        let fault = Fault::new(FaultKind::Invalid, "MethodNotAllowed", message);
        response = refuse_program(&fault, None);
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    }
    response
}

type Admitted = Result<Option<String>, Box<Response>>;

async fn visitor(state: &AppState, request: &mut Request) -> Admitted {
    from_this_site(request)?;
    let actor = session::current(state, request.extensions()).await.map_err(|fault| refuse(&fault))?;
    let name = actor.as_ref().map(|a| a.name.clone());
    if let Some(actor) = actor {
        request.extensions_mut().insert(actor);
    }
    Ok(name)
}

async fn person(state: &AppState, request: &mut Request, permission: Permission) -> Admitted {
    from_this_site(request)?;
    let actor = session::current(state, request.extensions()).await.map_err(|fault| refuse(&fault))?;
    let Some(actor) = actor else { return Err(Box::new(sign_in_first(request))) };
    actor.require_somewhere(permission).map_err(|fault| refuse(&fault))?;
    let name = actor.name.clone();
    request.extensions_mut().insert(actor);
    Ok(Some(name))
}

async fn machine(state: &AppState, request: &mut Request) -> Admitted {
    let credential = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(credential) = credential.and_then(|value| value.strip_prefix("Bearer ")) else {
        return Err(wire(&Fault::new(
            FaultKind::Unauthenticated,
            "Unauthenticated",
            "This request carries no machine credential. Enrol the machine first.",
        )));
    };
    let identity = state.control().agent_authenticate(credential.trim()).await;
    let identity = identity.map_err(|error| wire(error.fault()))?;
    let name = format!("machine {}", identity.vm_name);
    request.extensions_mut().insert(identity);
    Ok(Some(name))
}

/// Somebody with a token: who that is comes from the database each time, so a role that was taken away is gone at once.
async fn program(state: &AppState, request: &mut Request, permission: Option<Permission>) -> Admitted {
    over_tls(state, request)?;
    let behind_proxy = state.config().behind_proxy;
    let origin = origin::origin(request.extensions(), request.headers(), request.uri(), behind_proxy);
    let origin = origin.unwrap_or_default();
    let credential = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        credential.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let actor = match token {
        Some((_, token)) => {
            state.control().token_actor(token.trim(), &origin).await.map_err(control::Error::into_fault)
        }
        None => Err(Fault::new(
            FaultKind::Unauthenticated,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing: send a token of this server as Bearer.",
        )),
    };
    let actor = match actor {
        Ok(actor) => actor,
        Err(fault) => {
            let tenant = state.control().installation().await.map(|ids| ids.tenant_id.to_string()).unwrap_or_default();
            return Err(Box::new(refuse_program(&fault, Some(&format!("{origin}/{tenant}")))));
        }
    };
    let enough = permission.map_or(Ok(()), |permission| actor.require_somewhere(permission));
    enough.map_err(|fault| Box::new(refuse_program(&fault, None)))?;
    let name = actor.name.clone();
    request.extensions_mut().insert(actor);
    Ok(Some(name))
}

fn over_tls(state: &AppState, request: &Request) -> Result<(), Box<Response>> {
    match origin::is_encrypted(request.extensions(), request.headers(), state.config().behind_proxy) {
        true => Ok(()),
        false => Err(Box::new(refuse_program(&not_encrypted(), None))),
    }
}

async fn operator(state: &AppState, request: &mut Request) -> Admitted {
    let behind_proxy = state.config().behind_proxy;
    let ip = remote::remote_ip(request.extensions(), request.headers(), behind_proxy);
    if ip.is_some_and(|ip| ip.is_loopback()) {
        return Ok(None);
    }
    let actor: Option<Actor> = session::current(state, request.extensions()).await.map_err(|fault| refuse(&fault))?;
    match actor {
        Some(actor) if actor.may(Permission::ManageAccounts) => Ok(Some(actor.name)),
        _ => Err(refuse(&Fault::forbidden("Ask from the portal's own host, or sign in as an Owner."))),
    }
}

/// Local sockets are for machines; what runs in a lab machine has no business with pages and sign-in forms.
fn on_machine_socket(request: &Request) -> bool {
    request.extensions().get::<Peer>().is_some_and(|peer| peer.address.is_none())
}

fn from_this_site(request: &Request) -> Result<(), Box<Response>> {
    same_origin::check(request.method(), request.uri(), request.headers()).map_err(|same_origin::Foreign| {
        refuse(&Fault::new(
            FaultKind::Forbidden,
            "ForeignOrigin",
            "This request did not come from a page of this portal, so nothing was done. Open the portal and try there.",
        ))
    })
}

/// People go to the sign-in page and come back afterwards; programs get a fault.
fn sign_in_first(request: &Request) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let api = path.starts_with("/api/");
    if accept.contains("text/html") || (!api && accept.is_empty()) {
        let next = if request.method() == Method::GET && !api { path } else { "" };
        return Redirect::to(&app::paths::with_query(app::paths::SIGN_IN, &[("next", next)])).into_response();
    }
    *refuse(&Fault::new(
        FaultKind::Unauthenticated,
        "Unauthenticated",
        "You are not signed in any more. Sign in and try again.",
    ))
}

/// A fault as the portal's own pages read it.
fn refuse(fault: &Fault) -> Box<Response> {
    Box::new(crate::answer::fault(fault))
}

/// A fault as agents read it.
fn wire(fault: &Fault) -> Box<Response> {
    Box::new(crate::agent_gateway::error::answer(fault))
}
