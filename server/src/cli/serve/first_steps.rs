//! What a portal does when it starts: say where it is, publish packages, make lab machines on a fresh start.

use std::path::{Path, PathBuf};

use control::Control;
use domain::{actor::Actor, page::PageRequest, portal::VmCalls, vm::VmFilter};

use super::programs::Programs;
use crate::cli::{error::CliError, package, say};

/// Prints the addresses for people and for programs; without an owner, the link that makes one.
pub(super) async fn say_where(control: &Control, server_url: &str, programs: &Programs) -> Result<(), CliError> {
    match control.welcome_link_token().await? {
        Some(token) => say(&format!(
            "\nAnnex is up. Open this link once to set the owner's password:\n\n    {server_url}{}?token={}\n",
            app::paths::WELCOME,
            token.reveal()
        )),
        None => say(&format!("\nAnnex is up: {server_url}\n")),
    }
    if let Some(url) = &programs.url {
        let trust = match programs.authority {
            Some(_) => ", with the certificate authority that `annex ca` prints",
            None => "",
        };
        say(&format!("Programs (az, SDKs, curl) are served at {url}{trust}\n"));
    }
    if let Some(trouble) = &programs.trouble {
        tracing::warn!("{trouble}");
        say(trouble);
    }
    Ok(())
}

/// Publishes packages and makes `lab` machines; what fails is logged and does not stop the portal.
pub(super) async fn run(control: Control, packages: Option<PathBuf>, lab: u32) {
    if let Some(folder) = packages {
        publish_all(&control, &folder).await;
    }
    make_lab(&control, lab).await;
}

async fn publish_all(control: &Control, folder: &Path) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            tracing::error!(folder = %folder.display(), %error, "packages cannot be read");
            return;
        }
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "zip"));
    files.sort();
    for file in files {
        match package::publish(control, &file).await {
            Ok(image) => tracing::info!(package = image.handler_name(), version = %image.version, "offered"),
            Err(error) => tracing::error!(file = %file.display(), %error, "a package is not offered"),
        }
    }
}

async fn make_lab(control: &Control, count: u32) {
    for number in 1..=count {
        match control.lab_vm_create(&Actor::system(), format!("lab-{number}"), false).await {
            Ok(vm) => tracing::info!(name = %vm.name, "lab machine made"),
            Err(fault) => {
                tracing::error!(reason = fault.message, "no lab machines");
                return;
            }
        }
    }
}

/// No owner and no machine yet: nobody has decided anything.
pub(super) async fn is_fresh(control: &Control) -> Result<bool, CliError> {
    let machines = control.vm_list(&Actor::system(), VmFilter::default(), PageRequest::new(1, 1)).await?;
    Ok(machines.total == 0 && control.welcome_link_token().await?.is_some())
}
