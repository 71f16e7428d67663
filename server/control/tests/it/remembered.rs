//! What is kept from one page to the next is never old: neither for another process's change nor for the time.

use std::collections::BTreeMap;

use domain::{
    guest_agent::HealthWord,
    page::PageRequest,
    portal::{AccountCalls, ImageCalls, VmCalls},
    vm::VmFilter,
};

use crate::fixture::{Fixture, owner};

async fn rows(f: &Fixture) -> Vec<(String, BTreeMap<String, String>, HealthWord, u32)> {
    let page = f.control.vm_list(&owner(), VmFilter::default(), PageRequest::default()).await.unwrap();
    page.items.into_iter().map(|vm| (vm.name.to_string(), vm.tags, vm.health.word(), vm.extensions.total)).collect()
}

#[tokio::test]
async fn pages_show_what_another_process_just_changed() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let there = f.again().await;
    let fits = async || {
        let card = f.control.image_list(&owner(), Default::default()).await.unwrap().cards.remove(0);
        (card.fits, card.installed, card.version.to_string())
    };
    let figures = async || {
        let frame = f.control.frame(&owner()).await.unwrap();
        (frame.machines, frame.open_operations)
    };
    for _ in 0..2 {
        assert_eq!(rows(&f).await, [("web-1".to_owned(), BTreeMap::new(), HealthWord::NeverSeen, 0)]);
        assert_eq!((fits().await, figures().await), ((1, 0, "1.0.0".into()), (1, 0)));
    }

    let tags = BTreeMap::from([("env".to_owned(), "prod".to_owned())]);
    there.control.vm_tags_put(&owner(), m.id, tags.clone()).await.unwrap();
    assert_eq!(rows(&f).await, [("web-1".to_owned(), tags.clone(), HealthWord::NeverSeen, 0)]);
    there.install(m.id, "x").await;
    assert_eq!(rows(&f).await, [("web-1".to_owned(), tags, HealthWord::NeverSeen, 1)]);
    assert_eq!((fits().await, figures().await), ((1, 1, "1.0.0".into()), (1, 1)));
    there.publish("1.1.0").await;
    assert_eq!(fits().await.2, "1.1.0");
    there.control.vm_delete(&owner(), m.id).await.unwrap();
    assert_eq!(rows(&f).await, []);
    assert_eq!((fits().await, figures().await), ((0, 0, "1.1.0".into()), (0, 0)));
}

#[tokio::test]
async fn an_agent_falls_silent_without_any_row_that_says_so() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    drop(f.control.agent_contact(m.id));
    assert_eq!(rows(&f).await[0].2, HealthWord::Ready);
    f.pass(60_000);
    assert_eq!(rows(&f).await[0].2, HealthWord::NotResponding);
    drop(f.control.agent_contact(m.id));
    assert_eq!(rows(&f).await[0].2, HealthWord::Ready);
}
