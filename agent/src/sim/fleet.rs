//! Many simulated agents in one process.

use std::time::Instant;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::task::JoinSet;

use super::agent::{SimAgent, SimError};
use super::handle::SimHandle;
use super::script::Script;

/// How many machines enrol at the same time.
const AT_ONCE: usize = 32;

/// Free-running simulated agents.
pub struct Fleet {
    /// The agents, in the order of their tokens.
    pub agents: Vec<SimHandle>,
}

impl Fleet {
    /// Enrols one machine per token, called `<prefix>-0`, `<prefix>-1` and so on, and lets them run.
    ///
    /// # Errors
    /// The first machine that cannot enrol stops it.
    pub async fn enrol(address: &str, prefix: &str, tokens: &[String], script: Script) -> Result<Self, SimError> {
        let mut agents: Vec<Option<SimHandle>> = tokens.iter().map(|_| None).collect();
        let mut joining = JoinSet::new();
        for (number, token) in tokens.iter().enumerate() {
            let (address, token, name) = (address.to_owned(), token.clone(), format!("{prefix}-{number}"));
            let script = script.clone();
            joining.spawn(async move {
                let mut agent = SimAgent::enrol(&address, &token, &name).await?;
                agent.default_script(script);
                Ok::<_, SimError>((number, agent.start()))
            });
            if joining.len() >= AT_ONCE
                && let Some(Ok(joined)) = joining.join_next().await
            {
                let (number, agent) = joined?;
                agents[number] = Some(agent);
            }
        }
        while let Some(Ok(joined)) = joining.join_next().await {
            let (number, agent) = joined?;
            agents[number] = Some(agent);
        }
        Ok(Self { agents: agents.into_iter().flatten().collect() })
    }

    /// Waits until every agent saw its goal state of at least this incarnation; gives the moments, in order of agents.
    pub async fn until_seen(&self, incarnation: u64) -> Vec<Instant> {
        let mut moments = Vec::with_capacity(self.agents.len());
        for agent in &self.agents {
            moments.extend(agent.until_seen(incarnation).await);
        }
        moments
    }

    /// Waits until every agent went through at least this incarnation.
    pub async fn until_done(&self, incarnation: u64) {
        for agent in &self.agents {
            agent.until_done(incarnation).await;
        }
    }
}

/// Raises this process' limit of open files as far as it is allowed; gives the limit. Two connections per agent are
/// needed.
pub fn raise_file_limit() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
