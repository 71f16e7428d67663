//! Publishing packages and handing them out.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    extension_image::ExtensionImage,
    fault::{Fault, FaultKind},
    live::Topic,
};
use sha2::{Digest, Sha256};

use crate::{Control, Error, operations::driver::Touched, package_check};

/// Bytes of packages kept in memory, newest use first.
#[derive(Default)]
pub(crate) struct Cache(Mutex<VecDeque<(String, Bytes)>>);

/// Most bytes kept.
const CACHE_BYTES: usize = 64 << 20;

impl Cache {
    fn get(&self, sha256: &str) -> Option<Bytes> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(hash, _)| hash == sha256)?;
        let entry = kept.remove(at)?;
        let bytes = entry.1.clone();
        kept.push_front(entry);
        Some(bytes)
    }

    fn put(&self, sha256: &str, bytes: &Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((sha256.to_owned(), bytes.clone()));
        while kept.len() > 1 && kept.iter().map(|(_, b)| b.len()).sum::<usize>() > CACHE_BYTES {
            kept.pop_back();
        }
    }
}

impl Control {
    /// Publishes a package: checks it, signs it, stores it. The same bytes again change nothing and give the same answer.
    ///
    /// Errors: `InvalidPackage` with all findings; `PackageVersionExists` when the version exists with other bytes.
    pub async fn image_publish(&self, actor: &Actor, zip: Bytes) -> Result<ExtensionImage, Error> {
        actor.require(Permission::PublishPackages)?;
        let bytes = zip.clone();
        let checked = tokio::task::spawn_blocking(move || package_check::check(&bytes))
            .await
            .map_err(|e| Error::internal("checking a package", &e))?;
        let mut image = checked?;
        image.sha256 = hex::encode(Sha256::digest(&zip));
        image.size = zip.len() as u64;
        let signature = self.inner.keys.sign_package(&image.handler_name(), image.version.as_str(), &image.sha256);
        image.signature = STANDARD.encode(signature);
        image.published_at = self.now();
        image.published_by = actor.name.clone();
        let mut tx = self.inner.store.begin().await?;
        let others = tx.image_versions(&image.handler_name()).await?;
        if let Some(there) = others.iter().find(|other| other.version == image.version) {
            if there.sha256 == image.sha256 {
                return Ok(there.clone());
            }
            return Err(Fault::new(
                FaultKind::Conflict,
                "PackageVersionExists",
                format!(
                    "{} {} is published already, with other contents. A version never changes: raise the version in ExtensionImage.json and publish again.",
                    image.handler_name(),
                    image.version
                ),
            )
            .into());
        }
        tx.image_insert(&image, &zip).await?;
        let action = format!("published {} {}", image.title, image.version);
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, Some(image.handler_name())).await?;
        let mut touched = Touched::default();
        touched.topic(Topic::Images);
        touched.topic(Topic::Activity);
        self.commit(tx, touched).await?;
        Ok(image)
    }

    /// Every version of one handler (`Publisher.Type`), newest first: for its manifest document.
    pub async fn image_versions(&self, handler: &str) -> Result<Vec<ExtensionImage>, Error> {
        let mut conn = self.inner.store.read().await?;
        Ok(self.catalogue(&mut conn).await?.versions(handler).to_vec())
    }

    /// The bytes of a package by their SHA-256.
    pub async fn image_bytes(&self, sha256: &str) -> Result<Option<Bytes>, Error> {
        if let Some(bytes) = self.inner.package_cache.get(sha256) {
            return Ok(Some(bytes));
        }
        let found = self.inner.store.read().await?.package_bytes(sha256).await?.map(Bytes::from);
        if let Some(bytes) = &found {
            self.inner.package_cache.put(sha256, bytes);
        }
        Ok(found)
    }
}
