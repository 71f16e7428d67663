//! A server that knows just enough: enrolment, held goal states, packages, status, records. Can be stopped and started
//! again on the same address, and told to misbehave.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use agent_protocol::extensions_config::{
    BlobType, GoalStateMetaData, Plugin, PluginSettings, RuntimeSettings, Settings, StatusUploadBlob,
};
use agent_protocol::{
    Acknowledged, EnrolRequest, EnrolResponse, ErrorResponse, ExtensionManifest, ExtensionsConfig, GoalState,
    HandlerSettings, JsonDocument, PublishedVersion, Record, RecordsRequest, RecordsResponse, RequestedState, RunKey,
    SettingsFile, StatusDocument, Timestamp, json, signature,
};
use ed25519_dalek::SigningKey;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const HANDLER: &str = "Test.Probe";

/// One enrolled machine.
#[derive(Default)]
pub struct Machine {
    pub enrolled: Option<EnrolRequest>,
    pub incarnation: u64,
    pub plugins: Vec<(Plugin, u64, serde_json::Value)>,
    pub status: Option<StatusDocument>,
    pub reports: usize,
    pub records: BTreeMap<RunKey, Vec<Record>>,
    pub polls: usize,
}

pub struct State {
    pub tokens: HashSet<String>,
    pub machines: BTreeMap<String, Machine>,
    pub packages: BTreeMap<String, Vec<u8>>,
    /// Serve another package than the signed one.
    pub tampered: bool,
    /// Answer held requests at once.
    pub no_hold: bool,
    /// Answer this many requests with 503 after doing what they ask: the answer is lost.
    pub lose_answers: usize,
    pub requests: usize,
}

pub struct Portal {
    pub state: Arc<Mutex<State>>,
    pub key: SigningKey,
    changed: Arc<watch::Sender<u64>>,
    socket: PathBuf,
    listener: Option<JoinHandle<()>>,
    connections: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Portal {
    pub fn start(socket: PathBuf) -> Self {
        let state = State {
            tokens: HashSet::new(),
            machines: BTreeMap::new(),
            packages: BTreeMap::new(),
            tampered: false,
            no_hold: false,
            lose_answers: 0,
            requests: 0,
        };
        let mut portal = Self {
            state: Arc::new(Mutex::new(state)),
            key: SigningKey::from_bytes(&[3; 32]),
            changed: Arc::new(watch::Sender::new(0)),
            socket,
            listener: None,
            connections: Arc::default(),
        };
        portal.resume();
        portal
    }

    pub fn address(&self) -> String {
        format!("unix:{}", self.socket.display())
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn token(&self, token: &str) -> String {
        self.state().tokens.insert(token.to_owned());
        token.to_owned()
    }

    /// As a killed server: every connection breaks, nothing listens.
    pub fn stop(&mut self) {
        self.listener.take().unwrap().abort();
        self.connections.lock().unwrap().drain(..).for_each(|connection| connection.abort());
        std::fs::remove_file(&self.socket).unwrap();
    }

    pub fn resume(&mut self) {
        let listener = UnixListener::bind(&self.socket).unwrap();
        let (state, changed, key) = (Arc::clone(&self.state), Arc::clone(&self.changed), self.key.clone());
        let connections = Arc::clone(&self.connections);
        self.listener = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, changed, key) = (Arc::clone(&state), Arc::clone(&changed), key.clone());
                let service = service_fn(move |request| {
                    let (state, changed, key) = (Arc::clone(&state), Arc::clone(&changed), key.clone());
                    async move { Ok::<_, Infallible>(answer(request, &state, &changed, &key).await) }
                });
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                connections.lock().unwrap().push(tokio::spawn(async move { drop(connection.await) }));
            }
        }));
    }

    /// Changes what a machine should be; gives the new incarnation.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Machine)) -> u64 {
        let mut state = self.state();
        let machine = state.machines.get_mut(name).unwrap();
        change(machine);
        machine.incarnation += 1;
        let incarnation = machine.incarnation;
        drop(state);
        self.changed.send_modify(|number| *number += 1);
        incarnation
    }

    /// Wants the probe with these settings.
    pub fn want(&self, name: &str, version: &str, sequence: u64, settings: serde_json::Value) -> u64 {
        let plugin = Plugin {
            name: HANDLER.into(),
            version: version.into(),
            state: RequestedState::Enabled,
            location: "http://localhost/manifest".into(),
            failover_location: None,
            additional_locations: Vec::new(),
            extension: Some("Probe".into()),
        };
        self.change(name, |machine| machine.plugins = vec![(plugin, sequence, settings)])
    }

    pub async fn until<T>(&self, what: &str, mut found: impl FnMut(&State) -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(found) = found(&self.state()) {
                return found;
            }
            if tokio::time::Instant::now() >= deadline {
                let reported: Vec<_> = self.state().machines.values().map(|machine| machine.status.clone()).collect();
                panic!("waited in vain for {what}; reported is {reported:#?}, folder {}", self.socket.display());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The extension's status, once it is final for this sequence number.
    pub async fn until_final(&self, name: &str, sequence: u64) -> agent_protocol::ExtensionStatus {
        let what = format!("a final status of {sequence}");
        self.until(&what, |state| {
            let document = state.machines[name].status.as_ref()?;
            let handler = document.aggregate_status.handler_aggregate_status.first()?;
            let settings = handler.runtime_settings_status.as_ref()?;
            let status = settings.settings_status.as_ref()?.status.clone();
            (settings.sequence_number == Some(sequence) && status.status.is_terminal()).then_some(status)
        })
        .await
    }

    pub fn key_of(&self, incarnation: u64) -> RunKey {
        RunKey { incarnation, handler: HANDLER.into(), extension: "Probe".into() }
    }

    pub fn run(&self, name: &str, incarnation: u64) -> Vec<Record> {
        self.state().machines[name].records.get(&self.key_of(incarnation)).cloned().unwrap_or_default()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.listener.take().inspect(JoinHandle::abort);
    }
}

type Answer = Response<Full<Bytes>>;

fn reply(status: u16, body: impl Into<Bytes>) -> Answer {
    Response::builder().status(status).body(Full::new(body.into())).unwrap()
}

async fn answer(
    request: Request<Incoming>,
    state: &Mutex<State>,
    changed: &watch::Sender<u64>,
    key: &SigningKey,
) -> Answer {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let path = parts.uri.path().to_owned();
    state.lock().unwrap().requests += 1;
    if path == "/annex/agent/v1/enrol" {
        return enrol(&body, &mut state.lock().unwrap(), key);
    }
    let bearer = parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(name) = bearer.strip_prefix("Bearer credential-of-").map(str::to_owned) else { return reply(401, "") };
    if path == "/machine/" && query.starts_with("comp=goalstate") {
        return goal_state(&name, &query, state, changed).await;
    }
    let mut state = state.lock().unwrap();
    let done = handle(&name, &parts.method, &path, &body, &mut state, key);
    if state.lose_answers > 0 && parts.method != Method::GET {
        state.lose_answers -= 1;
        return reply(503, "");
    }
    done
}

fn enrol(body: &[u8], state: &mut State, key: &SigningKey) -> Answer {
    let request = EnrolRequest::parse(body).unwrap();
    // a token for an image works for many machines, which are told apart by what the system calls itself
    let many = request.token.starts_with("many-") && state.tokens.contains(&request.token);
    if !many && !state.tokens.remove(&request.token) {
        return reply(
            403,
            ErrorResponse::new("TokenInvalid", "the token is unknown or used up; make a new one").render(),
        );
    }
    let name = if many { request.machine_id.clone() } else { request.hostname.clone() };
    state.machines.insert(name.clone(), Machine { enrolled: Some(request), incarnation: 1, ..Machine::default() });
    let response = EnrolResponse {
        vm_id: format!("id-of-{name}"),
        credential: format!("credential-of-{name}"),
        vm_name: name,
        package_key: signature::public_key(key),
        server_time: Timestamp::from_unix_ms(0),
    };
    reply(200, response.render())
}

async fn goal_state(name: &str, query: &str, state: &Mutex<State>, changed: &watch::Sender<u64>) -> Answer {
    let value = |key: &str| query.split('&').find_map(|pair| pair.strip_prefix(key)?.parse::<u64>().ok());
    let known = value("incarnation=");
    let no_hold = {
        let mut state = state.lock().unwrap();
        if let Some(machine) = state.machines.get_mut(name) {
            machine.polls += 1;
        }
        state.no_hold
    };
    let hold = Duration::from_secs(value("wait=").filter(|_| !no_hold).unwrap_or(0));
    let current = || state.lock().unwrap().machines.get(name).map(|machine| machine.incarnation);
    let mut receiver = changed.subscribe();
    let held = receiver.wait_for(|_| current() != known);
    let _ = tokio::time::timeout(hold, held).await;
    let Some(incarnation) = current() else { return reply(401, "") };
    let url = |part: &str| format!("http://localhost/{part}");
    let document = GoalState {
        incarnation,
        container_id: "c".into(),
        instance_id: "i".into(),
        hosting_environment_config: url("hosting"),
        shared_config: url("shared"),
        extensions_config: Some(url("extensions")),
        certificates: None,
        config_name: "d.xml".into(),
    };
    reply(200, document.render())
}

fn handle(name: &str, method: &Method, path: &str, body: &[u8], state: &mut State, key: &SigningKey) -> Answer {
    let State { machines, packages, tampered, .. } = state;
    let machine = machines.get_mut(name).unwrap();
    match (method.as_str(), path) {
        ("GET", "/extensions") => reply(200, extensions(machine).render()),
        ("GET", "/manifest") => {
            let versions = packages.iter().map(|(version, bytes)| {
                let hash = signature::sha256_hex(bytes);
                let signed = signature::sign(key, HANDLER, version, &hash);
                let uris = vec![format!("http://localhost/package/{version}")];
                PublishedVersion { version: version.clone(), uris, sha256: Some(hash), signature: Some(signed) }
            });
            reply(200, ExtensionManifest { versions: versions.collect(), internal: Vec::new() }.render())
        }
        ("GET", path) if path.starts_with("/package/") => match packages.get(&path["/package/".len()..]) {
            Some(bytes) if *tampered => reply(200, [bytes, &b"x"[..]].concat()),
            Some(bytes) => reply(200, bytes.clone()),
            None => reply(404, ""),
        },
        ("PUT", "/status") => {
            machine.status = Some(StatusDocument::parse(body).unwrap());
            machine.reports += 1;
            reply(201, "")
        }
        ("POST", "/annex/agent/v1/records") => {
            let request = RecordsRequest::parse(body).unwrap();
            let acknowledged = request.runs.into_iter().map(|run| {
                let kept = machine.records.entry(run.key.clone()).or_default();
                for record in run.records {
                    if record.n == kept.len() as u64 {
                        kept.push(record);
                    }
                }
                Acknowledged { key: run.key, next: kept.len() as u64 }
            });
            reply(200, RecordsResponse { acknowledged: acknowledged.collect() }.render())
        }
        _ => reply(404, ""),
    }
}

fn extensions(machine: &Machine) -> ExtensionsConfig {
    let settings = machine.plugins.iter().map(|(plugin, sequence, public)| {
        let file = SettingsFile::new(HandlerSettings { public_settings: Some(public.clone()), ..Default::default() });
        let text = String::from_utf8(json::render(&file)).unwrap();
        PluginSettings {
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            depends_on: Vec::new(),
            settings: Settings::Single(RuntimeSettings { seq_no: *sequence, text }),
        }
    });
    ExtensionsConfig {
        incarnation: Some(machine.incarnation),
        plugins: machine.plugins.iter().map(|(plugin, _, _)| plugin.clone()).collect(),
        plugin_settings: settings.collect(),
        status_upload_blob: Some(StatusUploadBlob {
            blob_type: BlobType::BlockBlob,
            url: "http://localhost/status?sig=x".into(),
        }),
        meta_data: Some(GoalStateMetaData {
            in_svd_seq_no: machine.incarnation.to_string(),
            created_on_ticks: 1,
            activity_id: String::new(),
            correlation_id: String::new(),
        }),
        required_features: Vec::new(),
        artifacts_profile_blob: None,
    }
}
