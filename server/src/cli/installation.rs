//! Where an installation keeps things: shared by the commands that open it.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use clap::Args;
use store::Store;

use super::error::CliError;

/// Folder and database.
#[derive(Clone, Debug, Args)]
pub(super) struct InstallationArgs {
    /// Folder of the database (SQLite), the keys, the local authority and the lab. Made when missing, for its owner only.
    #[arg(long, env = "ANNEX_DATA", default_value = "data", value_name = "FOLDER")]
    pub(super) data: PathBuf,
    /// The database: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`. Without it, SQLite in the data folder.
    /// Several processes may share one PostgreSQL; they must share the keys folder's content, too.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
}

impl InstallationArgs {
    /// Makes the data folder.
    pub(super) fn make_data(&self) -> Result<&Path, CliError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.data);
        made.map_err(|error| CliError::io(self.data.display().to_string(), error))?;
        Ok(&self.data)
    }

    /// Folder of the keys that are not in the database.
    pub(super) fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Folder of the local certificate authority.
    pub(super) fn authority(&self) -> PathBuf {
        self.data.join("tls")
    }

    /// Opens the database and brings its schema up to date.
    pub(super) async fn open(&self) -> Result<Store, CliError> {
        let data = self.make_data()?;
        let url = self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", data.join("annex.db").display()));
        let failed = |error| CliError::Database { url: without_password(&url), error };
        let store = Store::open(&url).await.map_err(failed)?;
        store.migrate().await.map_err(failed)?;
        Ok(store)
    }
}

/// `scheme://…@host/name`: what may be printed.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn passwords_are_not_printed() {
        assert_eq!(without_password("postgres://me:p@ss@db.example/annex"), "postgres://…@db.example/annex");
        assert_eq!(without_password("sqlite://data/annex.db"), "sqlite://data/annex.db");
    }
}
