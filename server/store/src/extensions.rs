//! Extensions and their revisions.

use domain::{
    extension::{Extension, ProtectedSettingsNote, ProvisioningState},
    extension_options::ExtensionOptions,
    generation::{Generation, Incarnation, SequenceNumber},
    ids::{ExtensionId, VmId},
    name::ExtensionName,
    operation::OperationKind,
    status::HandlerReport,
    timestamp::Timestamp,
    version::ExtensionVersion,
};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::{
    Conn, Error,
    many::{MANY, bind_many, in_many},
    row::{Reader, to_json},
};

/// An extension with its sealed protected settings.
#[derive(Clone, Debug)]
pub struct ExtensionRow {
    /// What may be shown.
    pub extension: Extension,
    /// Protected settings, sealed (control::secrets).
    pub protected: Option<String>,
}

/// One revision with its sealed protected settings.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// Of which extension.
    pub extension_id: ExtensionId,
    /// From 1.
    pub number: i64,
    /// Version wanted.
    pub version: ExtensionVersion,
    /// Public settings.
    pub settings: Value,
    /// Protected settings, sealed.
    pub protected: Option<String>,
    /// What may be told of them.
    pub protected_note: Option<ProtectedSettingsNote>,
    /// Ordering.
    pub provision_after: Vec<ExtensionName>,
    /// What was said beside the settings.
    pub options: ExtensionOptions,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// How it came about.
    pub kind: OperationKind,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select id, vm_id, name, publisher, extension_type, version, settings, protected, protected_note, \
             sequence_number, incarnation, removing, provisioning_state, provision_after, revision, report, created_at, \
             changed_at, generation, options from extensions ",
            $tail
        )
    };
}

fn read(row: &AnyRow) -> Result<ExtensionRow, Error> {
    let r = Reader::new(row, "extensions", "id");
    Ok(ExtensionRow {
        protected: r.text_opt("protected")?,
        extension: Extension {
            id: r.parse("id")?,
            vm_id: r.parse("vm_id")?,
            name: r.parse("name")?,
            publisher: r.parse("publisher")?,
            extension_type: r.parse("extension_type")?,
            version: r.parse("version")?,
            settings: r.json("settings")?,
            protected: r.json_opt("protected_note")?,
            sequence_number: SequenceNumber::new(r.int("sequence_number")?),
            incarnation: Incarnation::new(r.int("incarnation")?),
            removing: r.flag("removing")?,
            provisioning_state: r.word("provisioning_state", ProvisioningState::parse)?,
            provision_after: r.json("provision_after")?,
            options: r.json("options")?,
            revision: r.int("revision")?,
            report: r.json_opt("report")?,
            created_at: r.time("created_at")?,
            changed_at: r.time("changed_at")?,
            generation: Generation::new(r.int("generation")?),
        },
    })
}

impl Conn {
    /// The extensions of one machine by name.
    pub async fn extension_list(&mut self, vm: VmId) -> Result<Vec<ExtensionRow>, Error> {
        let rows = sqlx::query(select!("where vm_id = $1 order by name_key"))
            .bind(vm.to_string())
            .fetch_all(self.db())
            .await?;
        rows.iter().map(read).collect()
    }

    /// All extensions of all machines: for lists and counts that span machines.
    pub async fn extension_all(&mut self) -> Result<Vec<ExtensionRow>, Error> {
        let rows = sqlx::query(select!("order by vm_id, name_key")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// Extensions that ask to be moved to newer versions (`enableAutomaticUpgrade`), in the order of their machines.
    pub async fn extension_automatic(&mut self) -> Result<Vec<ExtensionRow>, Error> {
        let rows = sqlx::query(select!(
            "where removing = 0 and options like '%\"enableAutomaticUpgrade\":true%' order by vm_id, name_key"
        ))
        .fetch_all(self.db())
        .await?;
        rows.iter().map(read).collect()
    }

    /// The extensions of some machines, by machine and name.
    pub async fn extension_list_many(&mut self, vms: &[VmId]) -> Result<Vec<ExtensionRow>, Error> {
        let mut all = Vec::new();
        for some in vms.chunks(MANY) {
            let query = sqlx::query(in_many!(select!("where vm_id "), " order by vm_id, name_key"));
            let rows = bind_many(query, some).fetch_all(self.db()).await?;
            for row in &rows {
                all.push(read(row)?);
            }
        }
        Ok(all)
    }

    /// The extension of this name on a machine, without regard to case.
    pub async fn extension_get(&mut self, vm: VmId, name: &ExtensionName) -> Result<Option<ExtensionRow>, Error> {
        let row = sqlx::query(select!("where vm_id = $1 and name_key = $2"))
            .bind(vm.to_string())
            .bind(name.as_str().to_lowercase())
            .fetch_optional(self.db())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// One extension by id.
    pub async fn extension_by_id(&mut self, id: ExtensionId) -> Result<Option<ExtensionRow>, Error> {
        let row = sqlx::query(select!("where id = $1")).bind(id.to_string()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// A new extension. Error: [`Error::Duplicate`] when the name is taken on the machine.
    pub async fn extension_insert(&mut self, row: &ExtensionRow) -> Result<(), Error> {
        let e = &row.extension;
        sqlx::query(
            "insert into extensions (id, vm_id, name, name_key, publisher, extension_type, handler_key, version, settings, \
             protected, protected_note, sequence_number, incarnation, removing, provisioning_state, provision_after, \
             revision, report, created_at, changed_at, generation, options) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        )
        .bind(e.id.to_string())
        .bind(e.vm_id.to_string())
        .bind(e.name.to_string())
        .bind(e.name.as_str().to_lowercase())
        .bind(e.publisher.to_string())
        .bind(e.extension_type.to_string())
        .bind(e.handler_name().to_lowercase())
        .bind(e.version.to_string())
        .bind(to_json(&e.settings))
        .bind(row.protected.clone())
        .bind(e.protected.as_ref().map(to_json))
        .bind(e.sequence_number.get())
        .bind(e.incarnation.get())
        .bind(i64::from(e.removing))
        .bind(e.provisioning_state.code())
        .bind(to_json(&e.provision_after))
        .bind(e.revision)
        .bind(e.report.as_ref().map(to_json))
        .bind(e.created_at.millis())
        .bind(e.changed_at.millis())
        .bind(e.generation.get())
        .bind(to_json(&e.options))
        .execute(self.db())
        .await
        .map_err(|err| Error::or_duplicate(err, "An extension of this name on the machine"))?;
        Ok(())
    }

    /// Writes a changed extension; compare-and-set on the generation it was read with.
    ///
    /// Error: [`Error::Stale`].
    pub async fn extension_update(&mut self, row: &ExtensionRow) -> Result<(), Error> {
        let e = &row.extension;
        let done = sqlx::query(
            "update extensions set version = $2, settings = $3, protected = $4, protected_note = $5, sequence_number = $6, \
             incarnation = $7, removing = $8, provisioning_state = $9, provision_after = $10, revision = $11, report = $12, \
             changed_at = $13, options = $15, generation = generation + 1 where id = $1 and generation = $14",
        )
        .bind(e.id.to_string())
        .bind(e.version.to_string())
        .bind(to_json(&e.settings))
        .bind(row.protected.clone())
        .bind(e.protected.as_ref().map(to_json))
        .bind(e.sequence_number.get())
        .bind(e.incarnation.get())
        .bind(i64::from(e.removing))
        .bind(e.provisioning_state.code())
        .bind(to_json(&e.provision_after))
        .bind(e.revision)
        .bind(e.report.as_ref().map(to_json))
        .bind(e.changed_at.millis())
        .bind(e.generation.get())
        .bind(to_json(&e.options))
        .execute(self.db())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Stale { table: "extensions", id: e.id.to_string() });
        }
        Ok(())
    }

    /// Stores what was reported. Does not touch the generation: a report is no change of intent, and must not make a
    /// form stale.
    pub async fn extension_report(&mut self, id: ExtensionId, report: Option<&HandlerReport>) -> Result<(), Error> {
        sqlx::query("update extensions set report = $2 where id = $1")
            .bind(id.to_string())
            .bind(report.map(to_json))
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Stores how the last change ended; like a report, no change of intent.
    pub async fn extension_provisioned(&mut self, id: ExtensionId, state: ProvisioningState) -> Result<(), Error> {
        sqlx::query("update extensions set provisioning_state = $2 where id = $1")
            .bind(id.to_string())
            .bind(state.code())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Forgets an extension with its revisions.
    pub async fn extension_delete(&mut self, id: ExtensionId) -> Result<(), Error> {
        for statement in
            ["delete from extension_revisions where extension_id = $1", "delete from extensions where id = $1"]
        {
            sqlx::query(statement).bind(id.to_string()).execute(self.db()).await?;
        }
        Ok(())
    }

    /// A new revision.
    pub async fn revision_insert(&mut self, r: &RevisionRow) -> Result<(), Error> {
        sqlx::query(
            "insert into extension_revisions (extension_id, number, version, settings, protected, protected_note, \
             provision_after, actor, at, kind, options) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(r.extension_id.to_string())
        .bind(r.number)
        .bind(r.version.to_string())
        .bind(to_json(&r.settings))
        .bind(r.protected.clone())
        .bind(r.protected_note.as_ref().map(to_json))
        .bind(to_json(&r.provision_after))
        .bind(r.actor.clone())
        .bind(r.at.millis())
        .bind(r.kind.code())
        .bind(to_json(&r.options))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// The newest revisions of an extension, newest first.
    pub async fn revision_list(&mut self, id: ExtensionId, most: u32) -> Result<Vec<RevisionRow>, Error> {
        let rows = sqlx::query(
            "select extension_id, number, version, settings, protected, protected_note, provision_after, actor, at, kind, options \
             from extension_revisions where extension_id = $1 order by number desc limit $2",
        )
        .bind(id.to_string())
        .bind(i64::from(most))
        .fetch_all(self.db())
        .await?;
        rows.iter().map(read_revision).collect()
    }

    /// One revision.
    pub async fn revision_get(&mut self, id: ExtensionId, number: i64) -> Result<Option<RevisionRow>, Error> {
        let row = sqlx::query(
            "select extension_id, number, version, settings, protected, protected_note, provision_after, actor, at, kind, options \
             from extension_revisions where extension_id = $1 and number = $2",
        )
        .bind(id.to_string())
        .bind(number)
        .fetch_optional(self.db())
        .await?;
        row.as_ref().map(read_revision).transpose()
    }

    /// Drops a revision that never took effect (its change was withdrawn).
    pub async fn revision_delete(&mut self, id: ExtensionId, number: i64) -> Result<(), Error> {
        sqlx::query("delete from extension_revisions where extension_id = $1 and number = $2")
            .bind(id.to_string())
            .bind(number)
            .execute(self.db())
            .await?;
        Ok(())
    }
}

fn read_revision(row: &AnyRow) -> Result<RevisionRow, Error> {
    let r = Reader::new(row, "extension_revisions", "extension_id");
    Ok(RevisionRow {
        extension_id: r.parse("extension_id")?,
        number: r.int("number")?,
        version: r.parse("version")?,
        settings: r.json("settings")?,
        protected: r.text_opt("protected")?,
        protected_note: r.json_opt("protected_note")?,
        provision_after: r.json("provision_after")?,
        options: r.json("options")?,
        actor: r.text("actor")?,
        at: r.time("at")?,
        kind: r.word("kind", OperationKind::parse)?,
    })
}
