//! A portal on a free port.

use std::{sync::Arc, time::Duration};

use agent::sim::SimAgent;
use control::{Context, Control, ControlConfig, compute::NoCompute};
use domain::{
    actor::{Actor, Role},
    extension::ExtensionForm,
    ids::OperationId,
    portal::{AccountCalls, ExtensionCalls, VmCalls},
    secret::Secret,
};
use server::{
    config::Config,
    listen::{self, Listener, LocalCa, acceptor_from_local_ca},
    state::Parts,
};
use store::Store;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Browser, Http, Package, http::Tls};

pub const PASSWORD: &str = "correct horse battery";

/// A running portal.
pub struct Portal {
    pub url: String,
    pub http: Http,
    /// The same portal over TLS, by a local authority: what programs use.
    pub tls: Http,
    pub control: Control,
    pub shutdown: CancellationToken,
    serving: Option<JoinHandle<usize>>,
    folder: TempDir,
}

impl Portal {
    /// With a fresh SQLite database.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With another configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("annex.db").display());
        Self::start_in(folder, &url, change).await
    }

    /// On another database.
    pub async fn start_on(url: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), url, |_| {}).await
    }

    async fn start_in(folder: TempDir, database: &str, change: impl FnOnce(&mut Config)) -> Self {
        let site = folder.path().join("site");
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        std::fs::write(site.join("pkg/annex.0123456789abcdef.css"), "body{}".repeat(100)).unwrap();
        std::fs::write(site.join("hash.txt"), "js: 0123456789abcdef\nwasm: 0123456789abcdef\ncss: 0123456789abcdef\n")
            .unwrap();
        std::fs::write(site.join("logo.svg"), "<svg/>").unwrap();
        let mut config = Config::new(site);
        change(&mut config);

        let store = Store::open(database).await.unwrap();
        store.migrate().await.unwrap();
        let listener = Listener::tcp("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let acceptor = acceptor_from_local_ca(&folder.path().join("tls"), &["localhost".to_owned()]).unwrap();
        let secure = Listener::tcp("127.0.0.1:0".parse().unwrap(), Some(acceptor)).await.unwrap();
        let secure_authority = format!("localhost:{}", secure.local_addr().unwrap().port());
        let local_ca = LocalCa::open(&folder.path().join("tls")).unwrap().certificate_pem().to_owned();
        let tls = Http { authority: secure_authority.clone(), tls: Some(Tls::new(&local_ca, "localhost")) };
        let url = format!("http://{authority}");
        let shutdown = CancellationToken::new();
        // what machines download need not run here
        let agent = folder.path().join("annex-agent");
        std::fs::write(&agent, "#!/bin/sh\necho \"$@\"\n").unwrap();
        let control_config = ControlConfig {
            keys_dir: folder.path().join("keys"),
            server_url: url.clone(),
            version: "test".into(),
            authority: None,
            api_url: Some(format!("https://{secure_authority}")),
            api_authority: Some(local_ca),
            agent_programs: vec![(std::env::consts::ARCH.to_owned(), agent)],
        };
        let control =
            Control::open(store.clone(), control_config, Context::system(), Arc::new(NoCompute), shutdown.clone())
                .unwrap_or_else(|e| panic!("{}", e.into_fault()));
        control.start_tasks();
        let parts = Parts { control: control.clone(), store, shutdown: shutdown.clone() };
        let router = server::build(config, parts);
        let serving = Some(tokio::spawn(listen::serve(vec![listener, secure], router, shutdown.clone())));
        Self { url, http: Http { authority, tls: None }, tls, control, shutdown, serving, folder }
    }

    /// Asks it to drain and waits for that; gives how many connections were cut and how long it took.
    pub async fn stop(&mut self) -> (usize, Duration) {
        let begun = std::time::Instant::now();
        self.shutdown.cancel();
        let cut = self.serving.take().unwrap().await.unwrap();
        (cut, begun.elapsed())
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.http.clone())
    }

    /// A browser that has just become the portal's owner through the printed link.
    pub async fn owner(&self) -> Browser {
        let token = self.control.welcome_link_token().await.unwrap_or_else(|e| panic!("{}", e.into_fault()));
        let browser = self.browser();
        let form =
            [("token", token.as_ref().expect("no owner yet").reveal()), ("name", "olive"), ("password", PASSWORD)];
        let answer = browser.submit("/welcome", &form).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"), "{}", answer.text());
        browser
    }

    /// A browser signed in as somebody of this role; there must be an owner.
    pub async fn person(&self, role: Role) -> Browser {
        let name = format!("{}-{}", role.label().to_lowercase().replace(' ', "-"), rand::random::<u32>());
        let made = self.control.account_create(&Actor::system(), name.clone(), role, Secret::new(PASSWORD)).await;
        made.unwrap();
        let browser = self.browser();
        let answer = browser.sign_in(&name, PASSWORD).await;
        assert_eq!(answer.location(), "/", "{name} signs in");
        browser
    }

    /// A simulated machine.
    pub async fn machine(&self, name: &str) -> SimAgent {
        let offer = self.control.enrolment_offer(&Actor::system(), name.into(), 10).await.unwrap();
        SimAgent::enrol(&self.url, &offer.token, name).await.unwrap()
    }

    pub async fn publish(&self, package: &Package) {
        let published = self.control.image_publish(&Actor::system(), package.zip().into()).await;
        published.unwrap_or_else(|e| panic!("{}", e.into_fault()));
    }

    /// Installs the probe.
    pub async fn install(&self, machine: &SimAgent) -> OperationId {
        self.put(machine, "hello").await
    }

    /// Installs the probe, or changes its setting.
    pub async fn put(&self, machine: &SimAgent, say: &str) -> OperationId {
        self.put_of("Probe", machine, say).await
    }

    /// The same with a package of another type.
    pub async fn put_of(&self, kind: &str, machine: &SimAgent, say: &str) -> OperationId {
        let form = ExtensionForm {
            targets: vec![machine.credential().vm_id.clone()],
            name: kind.into(),
            publisher: "Test.Handlers".into(),
            extension_type: kind.into(),
            version: "1.0.0".into(),
            settings: [("say".to_owned(), say.to_owned())].into(),
            protected: [("password".to_owned(), Secret::new("hunter2-canary"))].into(),
            ..ExtensionForm::default()
        };
        self.control.extension_put(&Actor::system(), form).await.unwrap()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
