//! Input that nobody honest sends.

use std::time::Duration;

use axum::{body::Body, http::Method};
use domain::{actor::Actor, portal::OperationCalls};
use futures::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Package, Portal};

#[tokio::test]
async fn without_its_credential_a_machine_is_nobody() {
    let portal = Portal::start().await;
    let machine = portal.machine("alpha").await;
    let path = "/machine/?comp=goalstate";
    let good = format!("Bearer {}", machine.credential().credential);
    assert_eq!(portal.http.send(Method::GET, path, &[("authorization", &good)], vec![]).await.status, 200);
    for bad in ["", "Bearer ", "Bearer nonsense", "Basic YTpi", &good[..good.len() - 1], &format!("{good}x")] {
        let answer = portal.http.send(Method::GET, path, &[("authorization", bad)], vec![]).await;
        assert_eq!(answer.status, 401, "{bad:?}");
        assert!(answer.json()["error"]["message"].as_str().unwrap().contains("nrol"), "says what to do");
    }
    assert_eq!(portal.http.get(path).await.status, 401);
}

#[tokio::test]
async fn another_machines_documents_do_not_exist() {
    let portal = Portal::start().await;
    let (alpha, beta) = (portal.machine("alpha").await, portal.machine("beta").await);
    let credential = format!("Bearer {}", alpha.credential().credential);
    let headers = [("authorization", credential.as_str()), ("x-ms-blob-type", "BlockBlob")];
    let beta = &beta.credential().vm_id;
    for document in ["hosting-environment", "shared-config", "extensions-config"] {
        let answer = portal.http.send(Method::GET, &format!("/machine/{beta}/{document}"), &headers, vec![]).await;
        assert_eq!(answer.status, 404, "{document}");
    }
    let put = portal.http.send(Method::PUT, &format!("/machine/{beta}/status"), &headers, b"{}".to_vec()).await;
    assert_eq!(put.status, 404);
}

#[tokio::test]
async fn malformed_and_oversized_documents_are_refused_before_they_are_parsed() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.settle().await.unwrap();
    let operation = portal.install(&machine).await;
    let before = portal.control.operation_get(&Actor::system(), operation).await.unwrap();
    let credential = format!("Bearer {}", machine.credential().credential);
    let headers = [("authorization", credential.as_str()), ("x-ms-blob-type", "BlockBlob")];
    let status = format!("/machine/{}/status", machine.credential().vm_id);

    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "{", "[]", "null", "{\"aggregateStatus\":7}", &deep, "\u{0}\u{0}"] {
        let answer = portal.http.send(Method::PUT, &status, &headers, body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, 400, "{:?}: {}", &body[..body.len().min(30)], answer.text());
    }
    let answer = portal.http.send(Method::PUT, &status, &headers, vec![b' '; 5 * 1024 * 1024]).await;
    assert_eq!(answer.status, 413);
    let answer = portal.http.send(Method::POST, "/annex/agent/v1/records", &headers, vec![b' '; 5 * 1024 * 1024]).await;
    assert_eq!(answer.status, 413);
    let gaps = r#"{"runs":[{"incarnation":1,"handler":"A.B","extension":"x","records":[
        {"n":0,"at":"2026-11-22T00:00:00.000Z","dropped":{"lines":1}},{"n":5,"at":"2026-11-22T00:00:00.000Z","dropped":{"lines":1}}]}]}"#;
    let answer = portal.http.send(Method::POST, "/annex/agent/v1/records", &headers, gaps.as_bytes().to_vec()).await;
    assert_eq!(answer.status, 400);

    // entities, external and recursive
    let bomb = "<!DOCTYPE lolz [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
                <Health><GoalStateIncarnation>1</GoalStateIncarnation><State>&b;&x;</State></Health>";
    let answer = portal.http.send(Method::POST, "/machine?comp=health", &headers, bomb.as_bytes().to_vec()).await;
    assert_eq!(answer.status, 400, "{}", answer.text());

    let after = portal.control.operation_get(&Actor::system(), operation).await.unwrap();
    assert_eq!(before.targets[0].target, after.targets[0].target, "nothing of it counted");
}

#[tokio::test]
async fn a_status_about_an_old_goal_state_does_not_finish_a_new_change() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    portal.install(&machine).await;
    let old = machine.settle().await.unwrap().unwrap();
    let second = portal.put(&machine, "other words").await;
    let credential = format!("Bearer {}", machine.credential().credential);
    let path = format!("/machine/{}/status", machine.credential().vm_id);
    let stale = serde_json::json!({"version": "1.1", "timestampUTC": "2026-11-22T00:00:00Z", "aggregateStatus": {
        "guestAgentStatus": {"version": "1", "status": "Ready", "formattedMessage": {"lang": "en", "message": ""}},
        "handlerAggregateStatus": [{"handlerName": "Test.Handlers.Probe", "handlerVersion": "1.0.0", "status": "Ready", "code": 0,
            "runtimeSettingsStatus": {"sequenceNumber": 0, "settingsStatus": {"version": 1.0, "timestampUTC": "2026-11-22T00:00:00Z",
                "status": {"name": "Probe", "operation": "Enable", "status": "success", "code": 0,
                    "formattedMessage": {"lang": "en", "message": "replayed"}, "substatus": []}}}}],
        "vmArtifactsAggregateStatus": {"goalStateAggregateStatus": {"inSvdSeqNo": old.to_string(), "status": "Success", "code": 0,
            "timestampUTC": "2026-11-22T00:00:00Z", "formattedMessage": {"lang": "en", "message": ""}}}}});
    let headers = [("authorization", credential.as_str()), ("x-ms-blob-type", "BlockBlob")];
    let answer = portal.http.send(Method::PUT, &path, &headers, stale.to_string().into_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let detail = portal.control.operation_get(&Actor::system(), second).await.unwrap();
    assert!(detail.summary.state.is_open(), "{:?}", detail.summary.state);
}

#[tokio::test]
async fn a_peer_that_says_nothing_or_endless_headers_is_let_go() {
    let portal = Portal::start().await;
    let mut endless = TcpStream::connect(&portal.http.authority).await.unwrap();
    endless.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let line = format!("x-filler: {}\r\n", "y".repeat(4000));
    for _ in 0..100 {
        if endless.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), endless.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection was closed");
    let text = String::from_utf8_lossy(&answer);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 431"), "{text}");
    assert_eq!(portal.http.get("/healthz").await.status, 200, "others are served meanwhile");
}

#[tokio::test]
async fn a_form_without_end_is_bounded() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let _ = &owner;
    let endless = futures::stream::repeat(vec![b'x'; 64 * 1024]).take(200).map(Ok::<_, std::io::Error>);
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
    let answer = portal.http.send_body(Method::POST, "/sign-in", &headers, Body::from_stream(endless)).await;
    assert_eq!(answer.status, 413);
}
