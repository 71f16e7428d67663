//! All published packages, parsed once.
//!
//! Packages are published and never changed or taken back, so their number in the database tells whether what is kept is
//! still complete: one small statement a page instead of reading every catalogue entry with its schemas.

mod named;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::extension_image::ExtensionImage;
use store::Conn;

pub(crate) use named::Named;

use crate::{Control, Error};

/// Every published version.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// Versions in the database when it was read.
    count: i64,
    /// Handler in lower case to its versions, newest first.
    by_handler: BTreeMap<String, Vec<ExtensionImage>>,
}

impl Catalogue {
    /// A catalogue of `images`, which come newest first within each handler.
    fn of(images: Vec<ExtensionImage>) -> Self {
        let count = i64::try_from(images.len()).unwrap_or(i64::MAX);
        let mut by_handler: BTreeMap<String, Vec<ExtensionImage>> = BTreeMap::new();
        for image in images {
            by_handler.entry(image.handler_name().to_lowercase()).or_default().push(image);
        }
        Self { count, by_handler }
    }

    /// The versions of one handler (`Publisher.Type`, any case), newest first.
    pub(crate) fn versions(&self, handler: &str) -> &[ExtensionImage] {
        self.by_handler.get(&handler.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The newest version of each handler.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &ExtensionImage> {
        self.by_handler.values().filter_map(|versions| versions.first())
    }
}

/// The catalogue as it was last read.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Arc<Catalogue>>);

impl Control {
    /// What is published now.
    pub(crate) async fn catalogue(&self, conn: &mut Conn) -> Result<Arc<Catalogue>, Error> {
        let kept = &self.inner.catalogue.0;
        let count = conn.image_count().await?;
        let last = kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if last.count == count {
            return Ok(last);
        }
        let images = conn.image_all().await?;
        let read = Arc::new(Catalogue::of(images));
        kept.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&read);
        Ok(read)
    }
}
