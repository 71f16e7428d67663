//! Fetching what one goal state consists of, and keeping it for a start without the server.

use std::path::Path;

use agent_protocol::{ExtensionsConfig, GoalState, ParseError};
use serde::Deserialize;

use crate::files;
use crate::handler::{Failure, Verdict, Wanted, codes};
use crate::transport::{Connection, Request, TransportError};

/// A goal state could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum GoalError {
    /// A request failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A document makes no sense.
    #[error("the server's document cannot be understood: {0}")]
    Parse(#[from] ParseError),
}

/// A goal state, ready to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What is wanted.
    pub wanted: Wanted,
    /// Where the status document goes.
    pub status_url: Option<String>,
    /// The document it was read from, when it is worth keeping for a start without the server.
    pub document: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactsProfile {
    #[serde(default)]
    on_hold: bool,
}

/// Fetches the parts that a goal state names. A configuration that cannot be understood becomes a refused goal state,
/// so that the server hears of it.
///
/// # Errors
/// A part cannot be fetched now.
pub async fn fetch(connection: &mut Connection, state: &GoalState) -> Result<Goal, GoalError> {
    let Some(url) = &state.extensions_config else {
        // nothing is said about extensions, so the ones that are there stay in force (wire protocol, section 2.2)
        let wanted = Wanted { incarnation: state.incarnation, verdict: Verdict::OnHold, handlers: Vec::new() };
        return Ok(Goal { wanted, status_url: None, document: None });
    };
    let document = connection.send(&Request::get(url)).await?.body;
    let config = match ExtensionsConfig::parse(&document) {
        Ok(config) => config,
        Err(error) => return Ok(refused(state.incarnation, &error)),
    };
    let on_hold = match &config.artifacts_profile_blob {
        Some(url) => on_hold(connection, url).await?,
        None => false,
    };
    let document = (config.incarnation.is_some() && !on_hold).then_some(document);
    Ok(Goal { document, ..goal(&config, state.incarnation, on_hold) })
}

/// The goal state that was kept last, if there is one.
#[must_use]
pub fn kept(path: &Path) -> Option<Goal> {
    let max = agent_protocol::extensions_config::MAX_EXTENSIONS_CONFIG_BYTES as u64;
    let document = files::read(path, max).ok()??;
    let config = ExtensionsConfig::parse(&document).ok()?;
    Some(goal(&config, config.incarnation?, false))
}

fn goal(config: &ExtensionsConfig, incarnation: u64, on_hold: bool) -> Goal {
    // the document may be newer than the goal state that named it
    let incarnation = config.incarnation.unwrap_or(incarnation);
    Goal {
        wanted: Wanted::from_config(config, incarnation, on_hold),
        status_url: config.status_upload_blob.as_ref().map(|blob| blob.url.clone()),
        document: None,
    }
}

fn refused(incarnation: u64, error: &ParseError) -> Goal {
    let failure = Failure::new(codes::UNKNOWN, format!("the goal state cannot be understood: {error}"));
    let wanted = Wanted { incarnation, verdict: Verdict::Refused(failure), handlers: Vec::new() };
    Goal { wanted, status_url: None, document: None }
}

async fn on_hold(connection: &mut Connection, url: &str) -> Result<bool, GoalError> {
    let answer = connection.send(&Request::get(url)).await?;
    let profile: ArtifactsProfile = agent_protocol::json::parse(&answer.body, 64 * 1024, "artifacts profile")?;
    Ok(profile.on_hold)
}
