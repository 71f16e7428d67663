//! Getting at the script: it stands in the settings, lies at an address, or belongs to the package.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use handler_sdk::{http, text};
use ureq::Agent;

use crate::codes;
use crate::failure::Failure;
use crate::settings::Source;

/// What a script may hold, in bytes.
const LARGEST: u64 = 256 * 1024;
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const CONNECT: Duration = Duration::from_secs(30);
const WHOLE: Duration = Duration::from_secs(120);

/// The script's bytes, without byte order mark and with line ends of one character.
///
/// # Errors
/// When it cannot be fetched, or is too large.
pub fn fetch(source: &Source, package: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = match source {
        Source::Inline(script) => script.clone().into_bytes(),
        Source::Address(address) => download(address)?,
        Source::Packaged(name) => {
            let path = package.join("commands").join(name);
            fs::read(&path).map_err(|error| {
                Failure::new(codes::NO_SCRIPT, format!("{} cannot be read: {error}.", path.display()))
            })?
        }
    };
    Ok(text::to_unix(&bytes).into_owned())
}

fn download(address: &str) -> Result<Vec<u8>, Failure> {
    // whoever writes https must not be led to a script that anybody on the way can change
    let encrypted = address.to_ascii_lowercase().starts_with("https:");
    let config = Agent::config_builder()
        .tls_config(http::tls())
        .https_only(encrypted)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(WHOLE))
        .user_agent("Annex-RunCommand/1")
        .build();
    let agent = Agent::from(config);
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let (why, may_pass) = match once(&agent, address) {
            Ok(script) => return Ok(script),
            Err(refusal) => refusal,
        };
        if !may_pass || attempt == ATTEMPTS {
            return Err(Failure::new(codes::NO_SCRIPT, format!("The script cannot be fetched from {address}: {why}.")));
        }
        thread::sleep(pause);
        pause *= 2;
    }
    unreachable!("the loop ends with its last attempt")
}

/// The script, or why not, and whether that may be otherwise in a moment.
fn once(agent: &Agent, address: &str) -> Result<Vec<u8>, (String, bool)> {
    let mut answer = agent.get(address).call().map_err(|error| match error {
        // the text of these may repeat the address, with what is secret in it
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => ("it is not a usable address".to_owned(), false),
        ureq::Error::RequireHttpsOnly(_) => ("it redirects from https to plain http".to_owned(), false),
        other => (other.to_string(), true),
    })?;
    let code = answer.status().as_u16();
    if code != 200 {
        let may_pass = matches!(code, 408 | 429 | 500 | 502 | 503 | 504);
        return Err((format!("the server answers with status {code}"), may_pass));
    }
    match answer.body_mut().with_config().limit(LARGEST).read_to_vec() {
        Ok(script) => Ok(script),
        Err(ureq::Error::BodyExceedsLimit(_)) => Err(("it is larger than 256 KiB".to_owned(), false)),
        Err(error) => Err((error.to_string(), true)),
    }
}
