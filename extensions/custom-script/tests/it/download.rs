//! Files from a server that is not always well.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::machine::{Machine, Server, message, mode, part};

#[test]
fn files_lie_ready_for_the_command() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", 0);
    let server = Server::with(vec![
        ("/a/setup.sh", "200 OK", b"\xef\xbb\xbf#!/bin/sh\r\necho \"setup $1\"\r\n".to_vec()),
        ("/data.bin", "200 OK", b"a\r\nb".to_vec()),
    ]);
    let files = [server.address("/a/setup.sh?x=1"), server.address("/data.bin")];
    let status = package.run(1, json!({"commandToExecute": "./setup.sh now; wc -c < data.bin", "fileUris": files}));
    assert_eq!(part(&status, "StdOut").1, "setup now\n4\n", "{status}");
    assert_eq!(mode(&machine.data().join("download/1/setup.sh")), 0o500);
}

#[test]
fn line_ends_are_kept_on_request() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", 0);
    let server = Server::with(vec![("/a.txt", "200 OK", b"a\r\n".to_vec())]);
    let settings =
        json!({"commandToExecute": "wc -c < a.txt", "fileUris": [server.address("/a.txt")], "skipDos2Unix": true});
    assert_eq!(part(&package.run(1, settings), "StdOut").1, "3\n");
}

#[test]
fn a_busy_server_is_asked_again_after_three_seconds() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let server =
        Server::with(vec![("/a.sh", "503 Service Unavailable", vec![]), ("/a.sh", "200 OK", b"echo x".to_vec())]);
    let before = Instant::now();
    let status = package.run(1, json!({"commandToExecute": "sh a.sh", "fileUris": [server.address("/a.sh")]}));
    assert_eq!(status["status"], "success", "{status}");
    assert!(before.elapsed() >= Duration::from_secs(3), "{:?}", before.elapsed());
    assert_eq!(server.requests.lock().unwrap().len(), 2);
    assert!(machine.log().contains("attempt 1 of 7"), "{}", machine.log());
}

#[test]
fn a_missing_or_forbidden_file_is_asked_for_once() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    for (number, line, code) in [(1, "404 Not Found", 53), (2, "403 Forbidden", 52), (3, "400 Bad Request", -41)] {
        let server = Server::with(vec![("/a.sh", line, vec![])]);
        let status =
            package.run(number, json!({"commandToExecute": "echo run", "fileUris": [server.address("/a.sh")]}));
        assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(code)), "{status}");
        assert!(message(&status).contains("Enable failed: cannot download 127.0.0.1"), "{status}");
        assert_eq!(server.requests.lock().unwrap().len(), 1);
        assert_eq!(package.output(number, "stdout"), "", "the command must not run without its files");
    }
}

#[test]
fn the_key_of_an_account_signs_and_stays_here() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let server = Server::with(vec![("/account/box/a.sh", "200 OK", b"echo from-the-box".to_vec())]);
    let address = server.address("/account/box/a.sh");
    package.sealed_settings(
        1,
        json!({"commandToExecute": "sh a.sh", "fileUris": [address]}),
        json!({"storageAccountName": "account", "storageAccountKey": "c2VjcmV0LWtleQ=="}),
    );
    package.must("enable", 1);
    let status = package.final_status(1);
    assert_eq!(part(&status, "StdOut").1, "from-the-box\n", "{status}");
    let request = server.requests.lock().unwrap()[0].clone();
    assert!(request.contains("sr=b&sp=r&se=") && request.contains("&sig="), "{request}");
    assert!(!request.contains("c2VjcmV0"), "{request}");
}

#[test]
fn an_identity_is_of_use_for_blob_stores_only() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let server = Server::with(vec![("/a.sh", "403 Forbidden", vec![])]);
    package.sealed_settings(
        1,
        json!({"commandToExecute": "true", "fileUris": [server.address("/a.sh")]}),
        json!({"managedIdentity": {}}),
    );
    package.must("enable", 1);
    assert_eq!(package.final_status(1)["code"], 52);
}

#[test]
fn a_download_that_was_cut_off_is_begun_again() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    // the first request never gets an answer
    let stuck = Server::with(vec![]);
    package.settings(1, json!({"commandToExecute": "echo run", "fileUris": [stuck.address("/a.sh")]}));
    package.must("enable", 1);
    crate::machine::wait_for("the request", || (!stuck.requests.lock().unwrap().is_empty()).then_some(()));
    crate::machine::cut_power(package.runner(1));
    let well = Server::with(vec![("/a.sh", "200 OK", b"echo".to_vec())]);
    package.settings(1, json!({"commandToExecute": "echo run", "fileUris": [well.address("/a.sh")]}));
    package.must("enable", 1);
    let status = package.final_status(1);
    assert_eq!(part(&status, "StdOut").1, "run\n", "{status}\n{}", machine.log());
    assert_eq!(fs::read_to_string(package.root.join("mrseq")).unwrap(), "1");
}
