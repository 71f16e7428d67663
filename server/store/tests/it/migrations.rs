//! The schema: applying it again changes nothing, and both engines have the same tables and columns.

use sqlx::{Connection, Row};
use store::Store;

use crate::{fixture::Fixture, story};

story!(migrating_again_changes_nothing, again);
async fn again(f: &Fixture) {
    f.vm("a").await;
    let (one, two) = tokio::join!(f.store.migrate(), f.store.migrate());
    one.unwrap();
    two.unwrap();
    assert_eq!(f.store.read().await.unwrap().vm_count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_database_that_is_away_is_unavailable() {
    let error = Store::open("postgres://nobody@127.0.0.1:1/none").await.expect_err("nothing listens there");
    assert!(matches!(error, store::Error::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_database_that_hangs_up_at_once_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://nobody@{}/none", listener.local_addr().unwrap());
    // takes the first message and ends the connection in good order: the driver reads nothing where a byte should be
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 64]).await.unwrap();
        }
    });
    let error = Store::open(&url).await.expect_err("nobody serves there");
    assert!(matches!(error, store::Error::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn both_engines_have_the_same_columns() {
    let Some(postgres) = Fixture::postgres().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("a.db").display());
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let mut sqlite = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let there = "select m.name || '.' || c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like '\\_%' escape '\\' and m.name not like 'sqlite%' order by 1";
    let ours: Vec<String> = sqlx::query(there).fetch_all(&mut sqlite).await.unwrap().iter().map(|r| r.get(0)).collect();
    let mut pg = sqlx::PgConnection::connect(&postgres.url()).await.unwrap();
    let theirs = "select table_name::text || '.' || column_name::text from information_schema.columns where table_schema = 'public' and table_name not like '\\_%'";
    let mut theirs: Vec<String> =
        sqlx::query(theirs).fetch_all(&mut pg).await.unwrap().iter().map(|r| r.get(0)).collect();
    drop(pg);
    theirs.sort();
    let mut ours = ours;
    ours.sort();
    assert_eq!(ours, theirs);
    assert!(ours.len() > 100);
    postgres.drop_database().await;
}
