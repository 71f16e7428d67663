//! What programs need to know of this portal.

use domain::{
    actor::Role,
    portal::{AccountCalls, ReferenceCalls},
};

use crate::fixture::{Fixture, having, owner};

#[tokio::test]
async fn the_subscription_is_made_once_and_stays() {
    let f = Fixture::new().await;
    let made = f.control.frame(&owner()).await.unwrap().api;
    assert_eq!(made.url, "https://portal.test");
    assert_eq!(made.subscription_id.parse::<uuid::Uuid>().unwrap().to_string(), made.subscription_id);
    let restarted = f.again().await;
    assert_eq!(restarted.control.frame(&owner()).await.unwrap().api, made);
}

#[tokio::test]
async fn whoever_may_look_reads_what_the_api_offers() {
    let f = Fixture::new().await;
    let reader = having("rita", Role::Reader);
    let all = f.control.api_reference(&reader, String::new(), "show".into()).await.unwrap();
    assert_eq!((all.total, all.opened.unwrap().line.path.as_str()), (2, "/machines/{name}"));
    let none = f.control.api_reference(&reader, "nothing like it".into(), String::new()).await.unwrap();
    assert_eq!((none.matching, none.groups.len()), (0, 0));
}
