//! Several processes on one PostgreSQL: accept on one, agent on another, browser on a third.

use std::time::Duration;

use domain::{live::Topic, operation::TargetState, status::StatusWord};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{
    agents::{kinds, poll_of},
    fixture::{Fixture, line},
};

/// A new database on the test server; `None` where there is no server and that is allowed.
async fn database() -> Option<String> {
    let Ok(admin) = std::env::var("ANNEX_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "ANNEX_TEST_POSTGRES is not set: `make test` starts one");
        return None;
    };
    let name = format!("annex_{}", uuid::Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    Some(format!("{}/{name}", admin.rsplit_once('/').unwrap().0))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_are_one_portal() {
    let Some(url) = database().await else { return };
    let accepts = Fixture::on_url(url).await;
    let serves = accepts.again().await;
    let shows = accepts.again().await;
    for process in [&accepts, &serves, &shows] {
        process.control.start_tasks();
    }
    accepts.publish("1.0.0").await;
    let mut m = accepts.machine("web-1").await;
    m.control = serves.control.clone();
    let have = serves.control.goal_state_current(m.id).await.map_err(|e| e.into_fault()).unwrap();
    let control = serves.control.clone();
    let held = tokio::spawn(async move { control.goal_state_wait(m.id, have, Duration::from_secs(30)).await });
    let mut pages = shows.control.live().subscribe([Topic::Operations]);
    pages.next().await;
    // give the listeners a moment to be there is not needed: timers catch up within 5 s
    let id = accepts.install(m.id, "x").await;
    let released =
        tokio::time::timeout(Duration::from_secs(15), held).await.expect("another process accepted").unwrap();
    assert_eq!(released.map_err(|e| e.into_fault()).unwrap(), have.next());
    let at = m.fetch().await;
    m.records(at, 0, vec![line("hello")]).await;
    m.report(at, 0, StatusWord::Success, 0).await;
    tokio::time::timeout(Duration::from_secs(15), pages.next()).await.expect("the page is told");
    assert_eq!(shows.operation(id).await.summary.state, TargetState::Succeeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_asks_another_process_is_noticed() {
    let Some(url) = database().await else { return };
    let one = Fixture::on_url(url).await;
    let two = one.again().await;
    let m = one.machine("web-1").await;
    let refused = || Err("MachineIsCopy".to_owned());
    let mut thought = Vec::new();
    // the first always asks one process, the copy the other; credentials are believed for a second
    for (process, holder) in
        [(&one, "h1"), (&one, "h1"), (&two, "h2"), (&one, "h1"), (&two, "h2"), (&one, "h1"), (&one, "h2")]
    {
        one.pass(1_100);
        thought.push(poll_of(process, &m, holder).await);
    }
    assert_eq!(thought, [Ok(()), Ok(()), Ok(()), Ok(()), refused(), Ok(()), refused()]);
    assert!(kinds(&two, &m).await.contains(&domain::agent_event::AgentEventKind::CopyRefused));
}
