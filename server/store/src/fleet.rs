//! What all machines have in common: enough to count where a package fits without reading every machine.

use std::collections::BTreeMap;

use domain::vm::Platform;
use sqlx::any::AnyRow;

use crate::{
    Conn, Error,
    row::{Reader, count},
};

/// Machines of one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformRow {
    /// What they share.
    pub platform: Platform,
    /// How many there are.
    pub machines: u64,
}

/// Machines of one platform that have one extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledRow {
    /// The platform.
    pub platform: Platform,
    /// The extension's name, in lower case.
    pub name_key: String,
    /// Its handler, in lower case.
    pub handler_key: String,
    /// On how many machines it is.
    pub machines: u64,
}

fn platform(r: &Reader<'_>) -> Result<Platform, Error> {
    Ok(Platform {
        allow_extension_operations: r.flag("allow_extension_operations")?,
        has_agent: r.flag("has_agent")?,
        architecture: r.text_opt("architecture")?,
    })
}

macro_rules! grouped {
    ($columns:literal, $joins:literal) => {
        concat!(
            "select v.allow_extension_operations, v.provision_guest_agent as has_agent, \
             v.architecture, ",
            $columns,
            "count(*) as machines from vms v ",
            $joins,
            " group by v.allow_extension_operations, v.provision_guest_agent, ",
            $columns,
            "v.architecture"
        )
    };
}

impl Conn {
    /// Which platforms there are.
    pub async fn platforms(&mut self) -> Result<Vec<PlatformRow>, Error> {
        let rows = sqlx::query(grouped!("", "")).fetch_all(self.db()).await?;
        let read = |row: &AnyRow| {
            let r = Reader::new(row, "vms", "machines");
            Ok(PlatformRow { platform: platform(&r)?, machines: count(r.int("machines")?) })
        };
        rows.iter().map(read).collect()
    }

    /// What is installed on how many machines of each platform.
    pub async fn installed_counts(&mut self) -> Result<Vec<InstalledRow>, Error> {
        let rows = sqlx::query(grouped!("e.name_key, e.handler_key, ", "join extensions e on e.vm_id = v.id"))
            .fetch_all(self.db())
            .await?;
        let read = |row: &AnyRow| {
            let r = Reader::new(row, "extensions", "name_key");
            Ok(InstalledRow {
                platform: platform(&r)?,
                name_key: r.text("name_key")?,
                handler_key: r.text("handler_key")?,
                machines: count(r.int("machines")?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// On how many machines each handler is: its `Publisher.Type` in lower case.
    pub async fn handler_counts(&mut self) -> Result<BTreeMap<String, u64>, Error> {
        let rows =
            sqlx::query("select handler_key, count(distinct vm_id) as machines from extensions group by handler_key")
                .fetch_all(self.db())
                .await?;
        let read = |row: &AnyRow| {
            let r = Reader::new(row, "extensions", "handler_key");
            Ok((r.text("handler_key")?, count(r.int("machines")?)))
        };
        rows.iter().map(read).collect()
    }
}
