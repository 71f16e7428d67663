//! What is published, under every name that programs can ask for it by.

use domain::{
    actor::{Actor, Permission},
    extension::Extension,
    extension_image::ExtensionImage,
    fault::{Fault, FaultKind},
    name::{ExtensionType, Publisher},
    version::ExtensionVersion,
};

use crate::{Control, Error};

/// One version of one name.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Publisher of the name.
    pub publisher: Publisher,
    /// Type of the name.
    pub extension_type: ExtensionType,
    /// The version as it is called under that name.
    pub version: ExtensionVersion,
    /// What is installed for it.
    pub image: ExtensionImage,
    /// The image stands in for the name.
    pub stand_in: bool,
}

impl Control {
    /// All publishers, without repetition, by name.
    pub async fn publishers(&self, actor: &Actor) -> Result<Vec<Publisher>, Error> {
        let mut publishers: Vec<Publisher> = Vec::new();
        for (publisher, _) in self.offered_names(actor).await? {
            if !publishers.iter().any(|p| p.as_str().eq_ignore_ascii_case(publisher.as_str())) {
                publishers.push(publisher);
            }
        }
        Ok(publishers)
    }

    /// The types of a publisher. Error: `PublisherNotFound`.
    pub async fn types_of(&self, actor: &Actor, publisher: &str) -> Result<Vec<(Publisher, ExtensionType)>, Error> {
        let mut names = self.offered_names(actor).await?;
        names.retain(|(p, _)| p.as_str().eq_ignore_ascii_case(publisher));
        if names.is_empty() {
            let message = format!("There is no publisher '{publisher}' here.");
            return Err(Fault::new(FaultKind::NotFound, "PublisherNotFound", message).into());
        }
        Ok(names)
    }

    /// The versions of a name, in the order of their text (as ARM's service has them).
    ///
    /// Errors: `PublisherNotFound`, `ArtifactNotFound`.
    pub async fn offered(&self, actor: &Actor, publisher: &str, extension_type: &str) -> Result<Vec<Offered>, Error> {
        self.types_of(actor, publisher).await?;
        let mut conn = self.inner.store.read().await?;
        let catalogue = self.catalogue(&mut conn).await?;
        let Some(named) = catalogue.named(publisher, extension_type) else {
            let message = format!("The publisher '{publisher}' has no extension type '{extension_type}' here.");
            return Err(Fault::new(FaultKind::NotFound, "ArtifactNotFound", message).into());
        };
        let mut all: Vec<Offered> = named
            .versions
            .iter()
            .map(|(version, image)| Offered {
                publisher: named.publisher.clone(),
                extension_type: named.extension_type.clone(),
                version: version.clone(),
                image: (*image).clone(),
                stand_in: named.stand_in,
            })
            .collect();
        all.sort_by(|a, b| a.version.as_str().cmp(b.version.as_str()));
        Ok(all)
    }

    /// The version of an extension under the name that it was asked for by.
    pub async fn version_as_asked(&self, extension: &Extension) -> Result<ExtensionVersion, Error> {
        let Some(name) = &extension.options.asked_as else { return Ok(extension.version.clone()) };
        let mut conn = self.inner.store.read().await?;
        let catalogue = self.catalogue(&mut conn).await?;
        let named = catalogue.named(name.publisher.as_str(), name.extension_type.as_str());
        let own = |image: &ExtensionImage| {
            image.version == extension.version && image.handler_name().eq_ignore_ascii_case(&extension.handler_name())
        };
        let called = named
            .and_then(|named| named.versions.iter().find(|(_, image)| own(image)).map(|(version, _)| version.clone()));
        Ok(called.unwrap_or_else(|| extension.version.clone()))
    }

    /// The same for several, in their order.
    pub async fn versions_as_asked(&self, extensions: &[Extension]) -> Result<Vec<ExtensionVersion>, Error> {
        let mut versions = Vec::with_capacity(extensions.len());
        for extension in extensions {
            versions.push(self.version_as_asked(extension).await?);
        }
        Ok(versions)
    }

    async fn offered_names(&self, actor: &Actor) -> Result<Vec<(Publisher, ExtensionType)>, Error> {
        actor.require_somewhere(Permission::Read)?;
        let mut conn = self.inner.store.read().await?;
        let catalogue = self.catalogue(&mut conn).await?;
        Ok(catalogue.names().into_iter().map(|(p, t)| (p.clone(), t.clone())).collect())
    }
}
