//! A simulated agent that runs by itself: one task polls, one works.

use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_protocol::{AgentContact, GoalState};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::agent::{SimAgent, SimError, Step};
use super::plan::Todo;
use super::script::Script;
use crate::transport::{Backoff, Connection};

const HOLD_SECONDS: u64 = 55;
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// How far a free-running agent is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// The last incarnation whose goal state arrived, and when.
    pub seen: Option<(u64, Instant)>,
    /// The last incarnation that was gone through, and when.
    pub done: Option<(u64, Instant)>,
    /// It went silent in the middle of a run.
    pub silent: bool,
}

enum Order {
    Script(String, Script),
    ComeBack,
    Vanish,
}

/// A free-running simulated agent; stops when dropped.
pub struct SimHandle {
    progress: watch::Receiver<Progress>,
    orders: mpsc::UnboundedSender<Order>,
    tasks: [JoinHandle<()>; 2],
    /// Name in the portal.
    pub name: String,
}

impl SimAgent {
    /// Lets it run by itself. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(self) -> SimHandle {
        let progress = Arc::new(watch::Sender::new(Progress::default()));
        let (orders, ordered) = mpsc::unbounded_channel();
        let (found, states) = mpsc::channel(16);
        let (awake, waking) = watch::channel(true);
        let name = self.credential.vm_name.clone();
        let connection = Connection::new(self.server.clone());
        let poll = tokio::spawn(poll((connection, self.says()), self.known, found, waking, Arc::clone(&progress)));
        let work = Work { agent: self, states, ordered, awake, progress: Arc::clone(&progress) };
        SimHandle { progress: progress.subscribe(), orders, tasks: [poll, tokio::spawn(work.run())], name }
    }
}

impl SimHandle {
    /// How far it is; can be waited on.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Waits until it went through at least this incarnation.
    pub async fn until_done(&self, incarnation: u64) {
        let reached = |progress: &Progress| progress.done.is_some_and(|(done, _)| done >= incarnation);
        // fails only when the agent was stopped: then nothing more will happen
        let _ = self.progress.clone().wait_for(reached).await;
    }

    /// Waits until the goal state of at least this incarnation arrived; gives the moment.
    pub async fn until_seen(&self, incarnation: u64) -> Option<Instant> {
        let reached = |progress: &Progress| progress.seen.is_some_and(|(seen, _)| seen >= incarnation);
        self.progress.clone().wait_for(reached).await.ok()?.seen.map(|(_, at)| at)
    }

    /// What a handler does from the next goal state on.
    pub fn script(&self, handler: &str, script: Script) {
        let _ = self.orders.send(Order::Script(handler.to_owned(), script));
    }

    /// Goes silent now, whatever it is doing.
    pub fn vanish(&self) {
        let _ = self.orders.send(Order::Vanish);
    }

    /// Comes back and goes on where it stopped.
    pub fn come_back(&self) {
        let _ = self.orders.send(Order::ComeBack);
    }
}

impl Drop for SimHandle {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn poll(
    (mut connection, says): (Connection, AgentContact),
    mut known: Option<u64>,
    found: mpsc::Sender<GoalState>,
    mut awake: watch::Receiver<bool>,
    progress: Arc<watch::Sender<Progress>>,
) {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    let mut idle = Backoff::new(Duration::from_millis(500), Duration::from_secs(6));
    loop {
        if awake.wait_for(|awake| *awake).await.is_err() {
            return;
        }
        let path = "/machine/?comp=goalstate";
        let request = match known {
            None => SimAgent::question(&says, path.to_owned()),
            Some(known) => SimAgent::question(&says, format!("{path}&wait={HOLD_SECONDS}&incarnation={known}"))
                .within(Duration::from_secs(HOLD_SECONDS + 20)),
        };
        let asked = Instant::now();
        let answer = tokio::select! {
            answer = connection.send(&request) => answer,
            _ = awake.wait_for(|awake| !*awake) => continue,
        };
        let state = answer.map_err(SimError::from).and_then(|answer| Ok(GoalState::parse(&answer.body)?));
        match state {
            Ok(state) if known == Some(state.incarnation) => {
                if asked.elapsed() < Duration::from_secs(1) {
                    tokio::time::sleep(idle.pause()).await;
                }
            }
            Ok(state) => {
                backoff.reset();
                idle.reset();
                known = Some(state.incarnation);
                progress.send_modify(|progress| progress.seen = Some((state.incarnation, Instant::now())));
                if found.send(state).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "a simulated agent gets no goal state");
                tokio::time::sleep(backoff.pause()).await;
            }
        }
    }
}

struct Work {
    agent: SimAgent,
    states: mpsc::Receiver<GoalState>,
    ordered: mpsc::UnboundedReceiver<Order>,
    awake: watch::Sender<bool>,
    progress: Arc<watch::Sender<Progress>>,
}

impl Work {
    async fn run(mut self) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        loop {
            while let Ok(order) = self.ordered.try_recv() {
                self.obey(order);
            }
            let result = if self.agent.silent {
                let Some(order) = self.ordered.recv().await else { return };
                self.obey(order);
                continue;
            } else if let Some(Todo::Wait(length)) = self.agent.todo.front() {
                let length = *length;
                tokio::select! {
                    () = tokio::time::sleep(length) => { self.agent.todo.pop_front(); }
                    Some(order) = self.ordered.recv() => self.obey(order),
                }
                continue;
            } else if self.agent.todo.is_empty() {
                tokio::select! {
                    state = self.states.recv() => match state {
                        Some(state) => self.take_up(state).await,
                        None => return,
                    },
                    Some(order) = self.ordered.recv() => { self.obey(order); continue }
                    () = tokio::time::sleep(REPORT_EVERY) => self.agent.report().await,
                }
            } else {
                self.agent.step().await
            };
            match result {
                Ok(Step::Done(incarnation)) => {
                    self.progress.send_modify(|progress| progress.done = Some((incarnation, Instant::now())));
                }
                Ok(Step::Silent) => self.set_silent(true),
                Ok(_) => backoff.reset(),
                Err(error) => {
                    tracing::debug!(%error, "a simulated agent tries again");
                    tokio::time::sleep(backoff.pause()).await;
                }
            }
        }
    }

    /// Does not give up on a goal state: the poll task will not bring it twice.
    async fn take_up(&mut self, state: GoalState) -> Result<Step, SimError> {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        loop {
            match self.agent.take_up(&state).await {
                Err(SimError::Transport(error)) if error.is_transient() => tokio::time::sleep(backoff.pause()).await,
                other => return other,
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Script(handler, script) => self.agent.script(&handler, script),
            Order::Vanish => {
                self.agent.silent = true;
                self.set_silent(true);
            }
            Order::ComeBack => {
                self.agent.come_back();
                self.set_silent(false);
            }
        }
    }

    fn set_silent(&mut self, silent: bool) {
        self.awake.send_replace(!silent);
        self.progress.send_modify(|progress| progress.silent = silent);
    }
}
