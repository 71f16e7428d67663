//! The session table as the session layer uses it.

use store::Sessions;
use time::{Duration, OffsetDateTime};
use tower_sessions_core::{
    ExpiredDeletion, SessionStore,
    session::{Id, Record},
};

use crate::{fixture::Fixture, story};

story!(sessions_are_kept_until_they_expire, sessions);
async fn sessions(f: &Fixture) {
    let sessions = Sessions::new(f.store.clone());
    let record = |id, minutes| Record {
        id,
        data: Default::default(),
        expiry_date: OffsetDateTime::now_utc() + Duration::minutes(minutes),
    };
    let mut first = record(Id(7), 5);
    sessions.create(&mut first).await.unwrap();
    let mut collides = record(Id(7), 5);
    sessions.create(&mut collides).await.unwrap();
    assert_ne!(collides.id, first.id, "a taken id is not given twice");
    first.data.insert("account".into(), serde_json::json!("x"));
    sessions.save(&first).await.unwrap();
    assert_eq!(sessions.load(&first.id).await.unwrap().unwrap().data, first.data);
    first.expiry_date = OffsetDateTime::now_utc() - Duration::minutes(1);
    sessions.save(&first).await.unwrap();
    assert!(sessions.load(&first.id).await.unwrap().is_none());
    sessions.delete_expired().await.unwrap();
    sessions.delete(&collides.id).await.unwrap();
    assert!(sessions.load(&collides.id).await.unwrap().is_none());
}
