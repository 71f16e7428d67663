//! Service principals and their secrets. Secrets are kept as SHA-256 hashes only.

use domain::{
    access::{SecretNote, ServicePrincipal},
    ids::{AppId, PrincipalId, SecretId},
    timestamp::Timestamp,
};
use sqlx::any::AnyRow;

use crate::{Conn, Error, row::Reader};

/// A service principal with what only the server may know.
#[derive(Clone, Debug)]
pub struct ServicePrincipalRow {
    /// What others may see.
    pub principal: ServicePrincipal,
    /// Hashes of its secrets (SHA-256, hex), in the order of [`ServicePrincipal::secrets`].
    pub secret_hashes: Vec<String>,
    /// Names the state that tokens were made for; another value voids them.
    pub changed_at: Timestamp,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select id, app_id, name, enabled, created_at, created_by, changed_at, last_sign_in_at from service_principals ",
            $tail
        )
    };
}

fn read(row: &AnyRow) -> Result<ServicePrincipalRow, Error> {
    let r = Reader::new(row, "service_principals", "id");
    Ok(ServicePrincipalRow {
        principal: ServicePrincipal {
            id: r.parse("id")?,
            app_id: r.parse("app_id")?,
            name: r.text("name")?,
            enabled: r.flag("enabled")?,
            created_at: r.time("created_at")?,
            created_by: r.text("created_by")?,
            last_sign_in_at: r.time_opt("last_sign_in_at")?,
            secrets: Vec::new(),
        },
        secret_hashes: Vec::new(),
        changed_at: r.time("changed_at")?,
    })
}

fn read_secret(row: &AnyRow) -> Result<(PrincipalId, SecretNote, String), Error> {
    let r = Reader::new(row, "service_principal_secrets", "id");
    let note = SecretNote {
        id: r.parse("id")?,
        hint: r.text("hint")?,
        created_at: r.time("created_at")?,
        expires_at: r.time("expires_at")?,
    };
    Ok((r.parse("principal_id")?, note, r.text("secret_hash")?))
}

impl Conn {
    /// All service principals by name.
    pub async fn service_principal_list(&mut self) -> Result<Vec<ServicePrincipalRow>, Error> {
        let rows = sqlx::query(select!("order by name_key")).fetch_all(self.db()).await?;
        let mut all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let secrets = sqlx::query(
            "select id, principal_id, secret_hash, hint, created_at, expires_at from service_principal_secrets order by created_at, id",
        )
        .fetch_all(self.db())
        .await?;
        for (owner, note, hash) in secrets.iter().map(read_secret).collect::<Result<Vec<_>, _>>()? {
            if let Some(row) = all.iter_mut().find(|row| row.principal.id == owner) {
                row.principal.secrets.push(note);
                row.secret_hashes.push(hash);
            }
        }
        Ok(all)
    }

    /// One service principal by its object id.
    pub async fn service_principal_get(&mut self, id: PrincipalId) -> Result<Option<ServicePrincipalRow>, Error> {
        let row = sqlx::query(select!("where id = $1")).bind(id.to_string()).fetch_optional(self.db()).await?;
        self.with_secrets(row).await
    }

    /// One service principal by what it signs in as.
    pub async fn service_principal_by_app(&mut self, app: AppId) -> Result<Option<ServicePrincipalRow>, Error> {
        let row = sqlx::query(select!("where app_id = $1")).bind(app.to_string()).fetch_optional(self.db()).await?;
        self.with_secrets(row).await
    }

    async fn with_secrets(&mut self, row: Option<AnyRow>) -> Result<Option<ServicePrincipalRow>, Error> {
        let Some(row) = row else { return Ok(None) };
        let mut row = read(&row)?;
        let secrets = sqlx::query(
            "select id, principal_id, secret_hash, hint, created_at, expires_at from service_principal_secrets \
             where principal_id = $1 order by created_at, id",
        )
        .bind(row.principal.id.to_string())
        .fetch_all(self.db())
        .await?;
        for secret in &secrets {
            let (_, note, hash) = read_secret(secret)?;
            row.principal.secrets.push(note);
            row.secret_hashes.push(hash);
        }
        Ok(Some(row))
    }

    /// A new service principal without secrets. Error: [`Error::Duplicate`] when the name is taken.
    pub async fn service_principal_insert(&mut self, row: &ServicePrincipalRow) -> Result<(), Error> {
        let p = &row.principal;
        sqlx::query(
            "insert into service_principals (id, app_id, name, name_key, enabled, created_at, created_by, changed_at, last_sign_in_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(p.id.to_string())
        .bind(p.app_id.to_string())
        .bind(p.name.clone())
        .bind(p.name.to_lowercase())
        .bind(i64::from(p.enabled))
        .bind(p.created_at.millis())
        .bind(p.created_by.clone())
        .bind(row.changed_at.millis())
        .bind(p.last_sign_in_at.map(Timestamp::millis))
        .execute(self.db())
        .await
        .map_err(|e| Error::or_duplicate(e, "A service principal of this name"))?;
        Ok(())
    }

    /// Writes whether it may sign in, and the stamp that tokens are compared with.
    pub async fn service_principal_update(&mut self, row: &ServicePrincipalRow) -> Result<(), Error> {
        sqlx::query("update service_principals set enabled = $2, changed_at = $3 where id = $1")
            .bind(row.principal.id.to_string())
            .bind(i64::from(row.principal.enabled))
            .bind(row.changed_at.millis())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Notes that it got a token.
    pub async fn service_principal_signed_in(&mut self, id: PrincipalId, at: Timestamp) -> Result<(), Error> {
        sqlx::query("update service_principals set last_sign_in_at = $2 where id = $1")
            .bind(id.to_string())
            .bind(at.millis())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Forgets it with its secrets and its roles.
    pub async fn service_principal_delete(&mut self, id: PrincipalId) -> Result<(), Error> {
        self.role_assignment_delete_of(id).await?;
        for statement in [
            "delete from service_principal_secrets where principal_id = $1",
            "delete from service_principals where id = $1",
        ] {
            sqlx::query(statement).bind(id.to_string()).execute(self.db()).await?;
        }
        Ok(())
    }

    /// Another secret. `hash`: SHA-256 of it, hex.
    pub async fn service_principal_secret_insert(
        &mut self,
        owner: PrincipalId,
        note: &SecretNote,
        hash: &str,
    ) -> Result<(), Error> {
        sqlx::query(
            "insert into service_principal_secrets (id, principal_id, secret_hash, hint, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(note.id.to_string())
        .bind(owner.to_string())
        .bind(hash.to_owned())
        .bind(note.hint.clone())
        .bind(note.created_at.millis())
        .bind(note.expires_at.millis())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Takes a secret away; false when it was not there.
    pub async fn service_principal_secret_delete(&mut self, owner: PrincipalId, id: SecretId) -> Result<bool, Error> {
        let done = sqlx::query("delete from service_principal_secrets where id = $1 and principal_id = $2")
            .bind(id.to_string())
            .bind(owner.to_string())
            .execute(self.db())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
