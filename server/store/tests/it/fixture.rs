//! A fresh database and a few values to put into it.

use std::collections::BTreeMap;

use domain::{
    extension::{Extension, ProvisioningState},
    generation::{Generation, Incarnation, SequenceNumber},
    ids::{ExtensionId, OperationId, VmId},
    operation::{Operation, OperationKind, OperationTarget, Step, TargetState},
    timestamp::Timestamp,
    vm::{MachineKind, PowerState, Vm},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{ExtensionRow, Store, TargetRow};
use uuid::Uuid;

/// A database that nobody else uses.
pub struct Fixture {
    /// The store on it, migrated.
    pub store: Store,
    admin: Option<(String, String)>,
    folder: tempfile::TempDir,
}

/// The time at which everything in the stories happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

impl Fixture {
    /// SQLite in a temporary folder.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("annex.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        Self { store, admin: None, folder }
    }

    /// A new database on the test server; `None` where there is no server and that is allowed.
    pub async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var("ANNEX_TEST_POSTGRES") else {
            assert!(std::env::var_os("CI").is_none(), "ANNEX_TEST_POSTGRES is not set: `make test` starts one");
            return None;
        };
        let name = format!("annex_{}", Uuid::now_v7().simple());
        let mut connection = PgConnection::connect(&admin).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        let (base, _) = admin.rsplit_once('/').unwrap();
        let store = Store::open(&format!("{base}/{name}")).await.unwrap();
        store.migrate().await.unwrap();
        Some(Self { store, admin: Some((admin, name)), folder: tempfile::tempdir().unwrap() })
    }

    /// The address of the database.
    pub fn url(&self) -> String {
        match &self.admin {
            Some((admin, name)) => format!("{}/{name}", admin.rsplit_once('/').unwrap().0),
            None => format!("sqlite://{}", self.folder.path().join("annex.db").display()),
        }
    }

    /// Removes the database of [`Self::postgres`].
    pub async fn drop_database(self) {
        self.store.close().await;
        if let Some((admin, name)) = self.admin {
            let mut connection = PgConnection::connect(&admin).await.unwrap();
            sqlx::query(AssertSqlSafe(format!("drop database {name} with (force)")))
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }

    /// A registered machine.
    pub async fn vm(&self, name: &str) -> Vm {
        let vm = Vm {
            id: VmId::new(Uuid::now_v7()),
            name: name.parse().unwrap(),
            resource_group: "default".parse().unwrap(),
            location: domain::name::Location::usual(),
            kind: MachineKind::External,
            power: PowerState::Unknown,
            os: None,
            architecture: Some("x86_64".into()),
            hostname: None,
            tags: BTreeMap::from([("env".to_owned(), "prod".to_owned())]),
            allow_extension_operations: true,
            provision_guest_agent: false,
            outside_network: false,
            isolation: None,
            agent: None,
            incarnation: Incarnation::default(),
            created_at: NOW,
            generation: Generation::default(),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.vm_insert(&vm, Some("machine-id")).await.unwrap();
        tx.commit().await.unwrap();
        vm
    }

    /// An extension on a machine.
    pub async fn extension(&self, vm: &Vm, name: &str) -> ExtensionRow {
        let extension = Extension {
            id: ExtensionId::new(Uuid::now_v7()),
            vm_id: vm.id,
            name: name.parse().unwrap(),
            publisher: "Annex.Extensions".parse().unwrap(),
            extension_type: "CustomScript".parse().unwrap(),
            version: "1.0.0".parse().unwrap(),
            settings: serde_json::json!({"commandToExecute": "echo 'ü \"quoted\"'"}),
            protected: None,
            sequence_number: SequenceNumber::new(0),
            incarnation: Incarnation::new(1),
            removing: false,
            provisioning_state: ProvisioningState::Creating,
            options: Default::default(),
            provision_after: Vec::new(),
            revision: 1,
            report: None,
            created_at: NOW,
            changed_at: NOW,
            generation: Generation::default(),
        };
        let row = ExtensionRow { extension, protected: Some("sealed".into()) };
        let mut tx = self.store.begin().await.unwrap();
        tx.extension_insert(&row).await.unwrap();
        tx.commit().await.unwrap();
        row
    }

    /// An accepted operation with one target.
    pub async fn operation(&self, row: &ExtensionRow, kind: OperationKind, incarnation: i64) -> TargetRow {
        let id = OperationId::new(Uuid::now_v7());
        let operation = Operation {
            id,
            kind,
            subject: "Custom Script".into(),
            actor: "ana".into(),
            accepted_at: NOW,
            retry_of: None,
        };
        let e = &row.extension;
        let target = OperationTarget {
            operation_id: id,
            kind,
            vm_id: e.vm_id,
            extension_id: Some(e.id),
            incarnation: Incarnation::new(incarnation),
            sequence_number: Some(e.sequence_number),
            version: Some(e.version.clone()),
            state: TargetState::Queued,
            steps: kind.expected_steps(true).iter().copied().map(Step::waiting).collect(),
            message: "waits".into(),
            exit_code: None,
            fault: None,
            accepted_at: NOW,
            picked_up_at: None,
            finished_at: None,
            generation: Generation::default(),
        };
        let row = TargetRow {
            target,
            vm_name: "web-1".into(),
            extension_name: Some(e.name.to_string()),
            handler_key: Some(e.handler_name().to_lowercase()),
            revision: Some(1),
            stdout: None,
            stderr: None,
            run_incarnation: Incarnation::new(incarnation),
            run_base: 0,
            next_record: 0,
            output_bytes: 0,
            output_lines: 0,
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.operation_insert(&operation, &["web-1".to_owned()]).await.unwrap();
        tx.target_insert(&row).await.unwrap();
        tx.commit().await.unwrap();
        row
    }
}
