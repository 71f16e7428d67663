//! Goal states for waagent: known from the server, kept on disk, rendered here.
//!
//! ```text
//! number known from the server ──► waagent asks: goal state n ──► extensions configuration fetched for it ──► kept on disk
//!                                                                 (the pick-up; waagent comes for it in its own time)
//! server away at a start: the number of the kept document is the one that is in force
//! ```
//! waagent 2.7 opens its certificates before it asks for the extensions, which takes it 0.2 s; it has picked the goal state
//! up all the same.

use std::sync::Arc;

use agent_protocol::{ExtensionsConfig, GoalState, HostingEnvironmentConfig, SharedConfig};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::Relay;
use super::answer::{self, Answer};
use super::network::WIRE_SERVER;

/// Number and document, taken by waagent's first question for it.
pub(super) type PickedUp = Mutex<Option<(u64, Vec<u8>)>>;

const KEPT: &str = "goal.xml";
const DEPLOYMENT: &str = "annex";

impl Relay {
    /// `GET /machine/?comp=goalstate`, held while nothing changes.
    pub(super) async fn goal_state(self: &Arc<Self>) -> Answer {
        let mut known = self.upstream.known();
        let Some(current) = self.in_force(*known.borrow_and_update()) else { return answer::try_again() };
        let patience = self.guest.talk(|talk, version| talk.patience(current, version));
        let changed = known.wait_for(|number| number.is_some_and(|number| number != current));
        let incarnation = match timeout(patience, changed).await {
            Ok(Ok(number)) => number.unwrap_or(current),
            _ => current,
        };
        if self.guest.talk(|talk, _| talk.answered(incarnation)) {
            self.pick_up(incarnation).await;
        }
        self.guest.fetched();
        answer::xml(self.document(incarnation).render())
    }

    /// waagent takes a new goal state: its extensions are fetched while it reads the answer.
    async fn pick_up(self: &Arc<Self>, incarnation: u64) {
        let mut place = Arc::clone(&self.picked_up).lock_owned().await;
        let path = format!("/machine/{}/extensions-config?incarnation={incarnation}", self.credential.vm_id);
        let relay = Arc::clone(self);
        tokio::spawn(async move {
            *place = match relay.upstream.get(&path).await {
                Ok(document) => Some((incarnation, document)),
                Err(error) => {
                    tracing::warn!(%error, "the extensions configuration is not there yet");
                    None
                }
            };
        });
    }

    /// The server's number, or while nothing was heard of it the number of the kept document.
    fn in_force(&self, known: Option<u64>) -> Option<u64> {
        known.or_else(|| ExtensionsConfig::parse(&self.store.read(KEPT)?).ok()?.incarnation)
    }

    fn document(&self, incarnation: u64) -> GoalState {
        let vm = &self.credential.vm_id;
        let part = |name| format!("http://{WIRE_SERVER}/machine/{vm}/{name}?incarnation={incarnation}");
        GoalState {
            incarnation,
            container_id: vm.clone(),
            instance_id: format!("{DEPLOYMENT}._{vm}"),
            hosting_environment_config: part("hosting-environment"),
            shared_config: part("shared-config"),
            extensions_config: Some(part("extensions-config")),
            certificates: Some(part("certificates")),
            config_name: format!("{DEPLOYMENT}.0.{DEPLOYMENT}.0._{vm}.1.xml"),
        }
    }

    /// `GET …/extensions-config`: from the server, where reading it is the pick-up; the kept one while it is away.
    pub(super) async fn extensions_config(&self, path_and_query: &str) -> Answer {
        let picked_up = self.picked_up.lock().await.take();
        let picked_up = picked_up.filter(|(number, _)| path_and_query.ends_with(&format!("incarnation={number}")));
        let document = match picked_up {
            Some((_, document)) => Ok(document),
            None => self.upstream.get(path_and_query).await,
        };
        match document {
            Ok(document) => {
                self.store.keep(KEPT, &document);
                answer::xml(document)
            }
            Err(error) => {
                tracing::warn!(%error, "the extensions configuration cannot be fetched");
                let kept = self.store.read(KEPT).filter(|kept| {
                    let number = ExtensionsConfig::parse(kept).ok().and_then(|config| config.incarnation);
                    number.is_some() && number == self.in_force(*self.upstream.known().borrow())
                });
                kept.map_or_else(answer::try_again, answer::xml)
            }
        }
    }

    /// The document of three names that waagent puts into its telemetry.
    pub(super) fn hosting_environment(&self) -> Answer {
        let name = self.credential.vm_name.clone();
        let role = format!("_{name}");
        answer::xml(HostingEnvironmentConfig { deployment: DEPLOYMENT.to_owned(), vm_name: name, role }.render())
    }

    /// The document that waagent stores and does not use.
    pub(super) fn shared_config() -> Answer {
        answer::xml(SharedConfig { deployment: DEPLOYMENT.to_owned() }.render())
    }
}
