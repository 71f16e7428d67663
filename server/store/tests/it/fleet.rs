//! What machines have in common, and lists of ids of any length.

use std::collections::BTreeMap;

use domain::{operation::OperationKind, vm::Platform};

use crate::{fixture::Fixture, story};

story!(machines_are_counted_by_platform_and_extension, counts);
async fn counts(f: &Fixture) {
    let (a, b) = (f.vm("a").await, f.vm("b").await);
    f.extension(&a, "Script").await;
    f.extension(&a, "Second").await;
    f.extension(&b, "script").await;
    let mut conn = f.store.read().await.unwrap();
    let platform = Platform { allow_extension_operations: true, has_agent: false, architecture: Some("x86_64".into()) };
    let platforms = conn.platforms().await.unwrap();
    assert_eq!(platforms.iter().map(|row| (&row.platform, row.machines)).collect::<Vec<_>>(), [(&platform, 2)]);
    let mut installed = conn.installed_counts().await.unwrap();
    installed.sort_by(|x, y| x.name_key.cmp(&y.name_key));
    let installed: Vec<_> = installed.iter().map(|row| (row.name_key.as_str(), row.machines)).collect();
    assert_eq!(installed, [("script", 2), ("second", 1)]);
    let handlers = conn.handler_counts().await.unwrap();
    assert_eq!(handlers, BTreeMap::from([("annex.extensions.customscript".to_owned(), 2)]), "each machine once");
}

story!(many_machines_are_asked_for_in_pieces, many);
async fn many(f: &Fixture) {
    let mut ids = Vec::new();
    for number in 0..120 {
        let vm = f.vm(&format!("m{number:03}")).await;
        if number % 40 == 0 {
            let row = f.extension(&vm, "Script").await;
            f.operation(&row, OperationKind::Install, 1).await;
        }
        ids.push(vm.id);
    }
    let mut conn = f.store.read().await.unwrap();
    assert_eq!(conn.extension_list_many(&ids).await.unwrap().len(), 3);
    assert_eq!(conn.target_open_many(&ids).await.unwrap().len(), 3);
    assert_eq!(conn.extension_list_many(&ids[1..40]).await.unwrap().len(), 0, "only those that were asked for");
    assert_eq!(conn.target_open_many(&[]).await.unwrap().len(), 0);
}
