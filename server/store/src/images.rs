//! Published packages: catalogue entries and bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{extension_image::ExtensionImage, version::ExtensionVersion};
use sqlx::Row;

use crate::{
    Conn, Error,
    row::{Reader, joined, to_json},
};

/// Bytes in one stored piece.
const CHUNK: usize = 1 << 20;

/// Versions as text that sorts like numbers.
fn version_key(version: &ExtensionVersion) -> String {
    version.parts().map(|p| format!("{p:010}")).join(".")
}

impl Conn {
    /// How many versions are published. Nothing is ever unpublished or changed, so this number tells whether what one has
    /// read is still all there is.
    pub async fn image_count(&mut self) -> Result<i64, Error> {
        Ok(sqlx::query("select count(*) from extension_images").fetch_one(self.db()).await?.try_get(0)?)
    }

    /// Every version of everything, by handler, newest first.
    pub async fn image_all(&mut self) -> Result<Vec<ExtensionImage>, Error> {
        let rows =
            sqlx::query("select handler_key, document from extension_images order by handler_key, version_key desc")
                .fetch_all(self.db())
                .await?;
        rows.iter().map(|row| Reader::new(row, "extension_images", "handler_key").json("document")).collect()
    }

    /// Every version of one handler (`Publisher.Type`, any case), newest first.
    pub async fn image_versions(&mut self, handler: &str) -> Result<Vec<ExtensionImage>, Error> {
        let rows = sqlx::query(
            "select handler_key, document from extension_images where handler_key = $1 order by version_key desc",
        )
        .bind(handler.to_lowercase())
        .fetch_all(self.db())
        .await?;
        rows.iter().map(|row| Reader::new(row, "extension_images", "handler_key").json("document")).collect()
    }

    /// A new version with its bytes. Error: [`Error::Duplicate`] when the version is there.
    pub async fn image_insert(&mut self, image: &ExtensionImage, bytes: &[u8]) -> Result<(), Error> {
        sqlx::query(
            "insert into extension_images (handler_key, version_key, sha256, document, published_at) values ($1, $2, $3, $4, $5)",
        )
        .bind(image.handler_name().to_lowercase())
        .bind(version_key(&image.version))
        .bind(image.sha256.clone())
        .bind(to_json(image))
        .bind(image.published_at.millis())
        .execute(self.db())
        .await
        .map_err(|e| Error::or_duplicate(e, "This version of the package"))?;
        for (number, chunk) in bytes.chunks(CHUNK).enumerate() {
            sqlx::query("insert into package_chunks (sha256, number, data) values ($1, $2, $3) on conflict (sha256, number) do nothing")
                .bind(image.sha256.clone())
                .bind(i64::try_from(number).unwrap_or(i64::MAX))
                .bind(STANDARD.encode(chunk))
                .execute(self.db())
                .await?;
        }
        Ok(())
    }

    /// The bytes of a package by their hash.
    pub async fn package_bytes(&mut self, sha256: &str) -> Result<Option<Vec<u8>>, Error> {
        let rows = sqlx::query("select sha256, data from package_chunks where sha256 = $1 order by number")
            .bind(sha256.to_owned())
            .fetch_all(self.db())
            .await?;
        joined(&rows, "package_chunks", sha256)
    }
}
