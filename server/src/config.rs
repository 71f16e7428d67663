//! What `build` needs to know. The command line, the environment and the file are read in `cli`.

use std::{path::PathBuf, time::Duration};

/// How the portal is served.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder with the browser part: `pkg/`, `hash.txt`, public files.
    pub site: PathBuf,
    /// Browsers reach the portal over TLS: cookies are `Secure` and bear the `__Host-` prefix.
    pub secure_cookies: bool,
    /// A proxy stands in front: the last `X-Forwarded-For` entry is the client.
    pub behind_proxy: bool,
    /// A session ends after this long without a request.
    pub session_idle: Duration,
    /// A session ends this long after signing in, whatever happens.
    pub session_longest: Duration,
    /// The version that runs: pages say it, and open pages notice when it changes.
    pub build: String,
}

impl Config {
    /// Defaults for a portal on plain HTTP that serves the site in `site`.
    #[must_use]
    pub fn new(site: PathBuf) -> Self {
        Self {
            site,
            secure_cookies: false,
            behind_proxy: false,
            session_idle: Duration::from_secs(30 * 60),
            session_longest: Duration::from_secs(12 * 60 * 60),
            build: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Name of the session cookie.
    #[must_use]
    pub const fn session_cookie(&self) -> &'static str {
        if self.secure_cookies { "__Host-annex_session" } else { "annex_session" }
    }
}
