//! The version of the data: the same while nothing was committed, another one after any commit by anybody.

use store::Store;

use crate::{fixture::Fixture, story};

story!(a_version_lasts_until_somebody_commits, lasts);
async fn lasts(f: &Fixture) {
    let vm = f.vm("a").await;
    let first = f.store.version().await.unwrap();
    f.store.read().await.unwrap().vm_get(vm.id).await.unwrap();
    assert_eq!(f.store.version().await.unwrap(), first, "reading changes nothing");

    f.vm("b").await;
    let second = f.store.version().await.unwrap();
    assert_ne!(second, first, "this process committed");

    let other = Store::open(&f.url()).await.unwrap();
    let mut tx = other.begin().await.unwrap();
    tx.vm_update(&vm).await.unwrap();
    tx.commit().await.unwrap();
    let third = f.store.version().await.unwrap();
    assert_ne!(third, second, "another process committed");

    let mut tx = f.store.begin().await.unwrap();
    tx.vm_delete(vm.id).await.unwrap();
    let under_way = f.store.version().await.unwrap();
    tx.commit().await.unwrap();
    assert_ne!(f.store.version().await.unwrap(), under_way, "what was begun before is committed now");
    other.close().await;
}
