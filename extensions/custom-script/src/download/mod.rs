//! Getting the files of `fileUris` into the folder of a run.
//!
//! ```text
//! address ──► target (name) ──► way: public │ signed with an account's key │ public, then a token of the identity
//!                                    └──► retry: 7 attempts, 3 s × 2^n ──► http ──► file, 0500 ──► text
//! ```

mod blob;
mod http;
mod identity;
mod refusal;
mod retry;
mod target;

use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use handler_sdk::log::Log;
use handler_sdk::text;

use crate::codes;
use crate::failure::Failure;
use crate::settings::Access;
use http::{Client, Request};
use refusal::Refusal;
use target::Target;

/// What somebody who waits for the downloads may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// Counted from 1.
    pub number: usize,
    /// How many files there are.
    pub of: usize,
    /// The name of the file.
    pub file: &'a str,
    /// The attempt that failed, counted from 1, and the pause before the next; absent while all goes well.
    pub failed: Option<(u32, Duration)>,
}

/// Downloads every file of `addresses` into `folder`.
///
/// # Errors
/// The first file that cannot be had, with the code that its cause calls for.
pub fn all(
    addresses: &[String],
    access: &Access,
    keep_line_ends: bool,
    folder: &Path,
    log: &Log,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<(), Failure> {
    let targets = target::all(addresses)?;
    if targets.is_empty() {
        // a client reads the machine's whole trust store
        return Ok(());
    }
    let client = Client::new();
    for (index, target) in targets.iter().enumerate() {
        let place = |failed| Progress { number: index + 1, of: targets.len(), file: &target.name, failed };
        progress(place(None));
        let path = folder.join(&target.name);
        let mut told = |attempt, pause| progress(place(Some((attempt, pause))));
        let bytes = one(&client, target, access, &path, log, &mut told)?;
        log.info("downloaded", format!("{} ({bytes} bytes) from {}", target.name, target.address));
        if !keep_line_ends && text::convert_file(&path).map_err(|error| disk(&path, &error))? {
            log.info("converted", format!("{}: byte order mark and CRLF removed", target.name));
        }
    }
    Ok(())
}

fn one(
    client: &Client,
    target: &Target,
    access: &Access,
    path: &Path,
    log: &Log,
    told: &mut impl FnMut(u32, Duration),
) -> Result<u64, Failure> {
    let plain = Request::plain(&target.address);
    match access {
        Access::Public => {
            save(client, &plain, path, log, told).map_err(|refusal| refusal.into_failure(&target.address))
        }
        Access::AccountKey { account, key } => {
            let signed = blob::sign(&target.address, account, key, time::OffsetDateTime::now_utc())?;
            save(client, &Request::plain(&signed), path, log, told)
                .map_err(|refusal| refusal.into_failure(&target.address))
        }
        Access::Identity(identity) => match save(client, &plain, path, log, told) {
            Err(refusal) if refusal.is_refused_access() && identity::may_have_token(&target.address) => {
                log.info("identity", format!("plain access to {} was refused: {refusal}", target.name));
                let token = identity::token(client, identity::ENDPOINT, identity)?;
                let request = Request::with_token(&target.address, &token);
                save(client, &request, path, log, told)
                    .map_err(|refusal| refusal.into_identity_failure(&target.address))
            }
            other => other.map_err(|refusal| refusal.into_failure(&target.address)),
        },
    }
}

fn save(
    client: &Client,
    request: &Request,
    path: &Path,
    log: &Log,
    told: &mut impl FnMut(u32, Duration),
) -> Result<u64, Refusal> {
    retry::with_retries(
        |_| {
            // a former attempt may have left a part
            let _ = fs::remove_file(path);
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            let bytes = client.get(request, &mut file)?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o500))?;
            Ok(bytes)
        },
        |attempt, refusal, pause| {
            log.warn(
                "download-failed",
                format!("attempt {attempt} of {}: {refusal}; next in {} s", retry::ATTEMPTS, pause.as_secs()),
            );
            told(attempt, pause);
            std::thread::sleep(pause);
        },
    )
}

fn disk(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(codes::SYSTEM, format!("cannot convert {}: {error}", path.display()))
}
