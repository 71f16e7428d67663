//! The one command that does something.
//!
//! ```text
//! seq > mrseq ─► mrseq ─► status transitioning ─► read ─► scrub ─► work ─► status
//! seq = mrseq ─► scrub (the agent wrote the file again) ─► status final: leave it;  else: it was cut off, say so
//! seq < mrseq ─► leave it
//! ```
//!
//! A run that was cut off is not repeated: its settings were removed from the disk, and what an agent hands over again
//! may be older than what somebody did by hand since.

use std::cmp::Ordering;

use handler_sdk::atomic::Durability;
use handler_sdk::environment::Environment;
use handler_sdk::exit;
use handler_sdk::image::Image;
use handler_sdk::lease::Lease;
use handler_sdk::log::Log;
use handler_sdk::redact::Redactor;
use handler_sdk::sequence::Sequence;
use handler_sdk::settings::{Settings, SettingsError};
use handler_sdk::status::{Level, Status, StatusFile};

use crate::failure::Failure;
use crate::report::{self, Report};
use crate::settings::{self, User, Wanted};
use crate::{accounts, codes, keys, password, scrub, ssh, sudoers};

/// Runs the command; the answer is the process's exit code. A failure that the status tells is none of the process: an
/// agent would put words of its own in the place of the status's.
#[must_use]
pub fn enable(environment: &Environment, sequence: &Sequence, log: &Log) -> u8 {
    let file = StatusFile::new(environment, sequence, report::NAME);
    let write = |status: &Status| match file.write(status) {
        Ok(()) => exit::OK,
        Err(error) => {
            log.error("status-not-written", error);
            exit::FAILED
        }
    };
    // an agent that gave up waiting may have left the former one at work
    let _lease = match Lease::try_take(&environment.root.join("enable.lease")) {
        Ok(Some(lease)) => lease,
        Ok(None) => {
            log.error("busy", "another enable is at work");
            return exit::FAILED;
        }
        Err(error) => {
            log.error("enable-failed", &error);
            return write(&report::failed(&Failure::system("the package's folder cannot be written", &error)));
        }
    };
    let order = sequence.last_processed(&environment.root).map_or(Ordering::Greater, |last| sequence.number.cmp(&last));
    match order {
        Ordering::Less => {
            log.info("already-processed", "newer settings were processed before");
            exit::OK
        }
        Ordering::Equal => {
            scrub::scrub(environment, log);
            if file.level().is_some_and(Level::is_terminal) {
                log.info("already-processed", "");
                return exit::OK;
            }
            let words =
                "the run was interrupted by a shutdown or a crash and is not repeated; apply the settings again";
            write(&report::failed(&Failure::new(codes::INTERRUPTED, words)))
        }
        Ordering::Greater => {
            if let Err(error) = sequence.save(&environment.root, Durability::Synced) {
                return write(&report::failed(&Failure::system("the package's folder cannot be written", &error)));
            }
            // it is followed by a final one, or by a failure to write that too
            let _ = write(&report::in_progress());
            write(&work(environment, sequence, log))
        }
    }
}

fn work(environment: &Environment, sequence: &Sequence, log: &Log) -> Status {
    let loaded = Settings::load(environment, sequence);
    scrub::scrub(environment, log);
    let settings = match loaded {
        Ok(settings) => settings,
        Err(error) => {
            log.error("settings", &error);
            let code = match &error {
                SettingsError::CertificateMissing(_) => codes::NO_CERTIFICATE,
                _ => codes::DAMAGED,
            };
            return report::failed(&Failure::new(code, error.to_string()));
        }
    };
    log.redact_with(Redactor::new(settings::secrets(&settings)));
    let mut report = Report::default();
    let outcome = Image::load(&environment.root)
        .map_err(|error| Failure::new(codes::DAMAGED, error.to_string()))
        .and_then(|image| settings::check(&image, &settings))
        .and_then(|wanted| apply(environment, &wanted, &mut report));
    match &outcome {
        Ok(()) => log.info("done", report.words()),
        Err(failure) => log.error("failed", format!("code={} {failure}; {}", failure.code, report.words())),
    }
    report.status(outcome)
}

/// Does everything that is wanted, in an order in which nobody is locked out on the way.
fn apply(environment: &Environment, wanted: &Wanted, report: &mut Report) -> Result<(), Failure> {
    let mut server = ssh::Server::open(&environment.root)?;
    if wanted.restore_ssh {
        server.restore()?;
    } else {
        server.prepare(wanted.reset_ssh)?;
    }
    if let Some(name) = &wanted.remove {
        let mut said = accounts::remove(name)?;
        if sudoers::remove(name)? {
            said.push_str("; its right to use sudo is gone");
        }
        report.user(said);
    }
    if let Some(user) = &wanted.user {
        change(user, &mut server, report)?;
    }
    report.ssh(server.apply()?);
    Ok(())
}

fn change(user: &User, server: &mut ssh::Server, report: &mut Report) -> Result<(), Failure> {
    let (account, said) = accounts::ensure(user)?;
    report.user(said);
    if let Some(secret) = &user.password {
        password::set(&account.name, secret)?;
        report.password(format!("{} has a new password", account.name));
        server.allow_passwords();
    }
    if let Some(key) = &user.key {
        report.keys(keys::install(&account, key, user.remove_prior_keys)?);
    }
    if user.password.is_some() || user.key.is_some() {
        report.user(sudoers::allow(&account.name, user.password.is_none())?);
    }
    Ok(())
}
