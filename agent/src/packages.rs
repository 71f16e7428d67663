//! Packages: found through the extension manifest, downloaded, and checked against what the server signed.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use agent_protocol::{ExtensionManifest, PublishedVersion, signature};

use crate::handler::{PackageSource, SourceError, Version, WantedHandler};
use crate::transport::{Connection, Request, Server, TransportError};

/// Largest package that is downloaded.
pub const MAX_PACKAGE_BYTES: u64 = 512 * 1024 * 1024;
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Packages as this server publishes them.
#[derive(Debug)]
pub struct Packages {
    connection: tokio::sync::Mutex<Connection>,
    package_key: String,
    manifests: Mutex<HashMap<String, ExtensionManifest>>,
}

impl Packages {
    /// Packages signed with `package_key` (base64, from the enrolment).
    #[must_use]
    pub fn new(server: Server, package_key: impl Into<String>) -> Self {
        let connection = tokio::sync::Mutex::new(Connection::new(server));
        Self { connection, package_key: package_key.into(), manifests: Mutex::default() }
    }

    /// Fetches the manifest from the first location that has it.
    async fn manifest(&self, handler: &WantedHandler) -> Result<ExtensionManifest, SourceError> {
        let mut last = SourceError::Manifest { message: format!("{} has no location", handler.name), transient: false };
        for location in &handler.locations {
            let answer = self.connection.lock().await.send(&Request::get(location)).await;
            let parsed = answer.map_err(|error| manifest_error(&error)).and_then(|answer| {
                ExtensionManifest::parse(&answer.body)
                    .map_err(|error| SourceError::Manifest { message: error.to_string(), transient: false })
            });
            match parsed {
                Ok(manifest) => {
                    let mut known = self.manifests.lock().unwrap_or_else(PoisonError::into_inner);
                    known.insert(handler.name.clone(), manifest.clone());
                    return Ok(manifest);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The entry of exactly this version; asks again when a former life had resolved it.
    async fn entry(&self, handler: &WantedHandler, version: &Version) -> Result<PublishedVersion, SourceError> {
        let find = |manifest: &ExtensionManifest| {
            let all = manifest.versions.iter().chain(&manifest.internal);
            all.into_iter().find(|entry| entry.version.parse().as_ref() == Ok(version)).cloned()
        };
        let known = self.manifests.lock().unwrap_or_else(PoisonError::into_inner).get(&handler.name).and_then(find);
        match known {
            Some(entry) => Ok(entry),
            None => find(&self.manifest(handler).await?).ok_or_else(|| unlisted(handler, &version.to_string())),
        }
    }
}

#[async_trait::async_trait]
impl PackageSource for Packages {
    async fn resolve(&self, handler: &WantedHandler) -> Result<Version, SourceError> {
        let wanted = handler.version.to_string();
        let manifest = self.manifest(handler).await?;
        let found = manifest.select(&wanted).and_then(|entry| entry.version.parse().ok());
        found.ok_or_else(|| unlisted(handler, &wanted))
    }

    async fn download(&self, handler: &WantedHandler, version: &Version, into: &Path) -> Result<u64, SourceError> {
        let entry = self.entry(handler, version).await?;
        let message = format!("the manifest of {} {version} names no package", handler.name);
        let mut last = SourceError::Package { message, transient: false };
        for uri in &entry.uris {
            let request = Request::get(uri).within(DOWNLOAD_LIMIT);
            match self.connection.lock().await.save(&request, into, MAX_PACKAGE_BYTES).await {
                Ok(size) => return Ok(size),
                Err(error) => {
                    last = SourceError::Package { message: error.to_string(), transient: error.is_transient() };
                }
            }
        }
        Err(last)
    }

    async fn verify(&self, handler: &WantedHandler, version: &Version, package: &Path) -> Result<(), SourceError> {
        let entry = self.entry(handler, version).await?;
        let name = format!("{} {}", handler.name, entry.version);
        let (Some(wanted), Some(signed)) = (&entry.sha256, &entry.signature) else {
            return Err(SourceError::Refused(format!("the server did not sign {name}; it is not run")));
        };
        let path = package.to_owned();
        let hash = tokio::task::spawn_blocking(move || signature::sha256_hex_of(&mut File::open(path)?)).await;
        let hash = match hash {
            Ok(Ok(hash)) => hash,
            Ok(Err(error)) => return Err(unreadable(&name, &error)),
            Err(error) => return Err(unreadable(&name, &error)),
        };
        if !hash.eq_ignore_ascii_case(wanted) {
            return Err(SourceError::Refused(format!(
                "{name} is not what the server signed: its SHA-256 is {hash}, signed is {wanted}; publish the package again"
            )));
        }
        signature::verify(&self.package_key, &handler.name, &entry.version, &hash, signed)
            .map_err(|error| SourceError::Refused(format!("{error}; it is not run")))
    }
}

fn unlisted(handler: &WantedHandler, version: &str) -> SourceError {
    SourceError::Unlisted(format!("Unable to find version {version} in manifest for extension {}", handler.name))
}

fn unreadable(name: &str, error: &dyn std::fmt::Display) -> SourceError {
    SourceError::Package { message: format!("the package of {name} cannot be read back: {error}"), transient: true }
}

fn manifest_error(error: &TransportError) -> SourceError {
    SourceError::Manifest { message: error.to_string(), transient: error.is_transient() }
}
