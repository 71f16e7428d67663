//! Output that is sent to append blobs.

use serde_json::json;

use crate::machine::{Machine, Server, view};

#[test]
fn both_streams_are_appended_in_order() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let server = Server::with(vec![
        ("PUT /out?sig=secret-token&comp=appendblock", "500 Oh", vec![]),
        ("PUT /out?sig=secret-token&comp=appendblock", "201 Created", vec![]),
        ("PUT /out?sig=secret-token", "201 Created", vec![]),
        ("PUT /err?comp=appendblock", "201 Created", vec![]),
        ("PUT /err", "201 Created", vec![]),
    ]);
    let script = "echo one; echo trouble >&2; sleep 6; echo two";
    let public = json!({"source": {"script": script},
        "outputBlobUri": server.address("/out"), "errorBlobUri": server.address("/err")});
    package.sealed_settings("a", 0, public, json!({"outputBlobSASToken": "?sig=secret-token"}));
    package.must("enable", "a", 0);
    let status = package.until("a", 0, "Succeeded");
    assert_eq!(view(&status)["executionMessage"], "The command ended with exit code 0.");
    let seen = server.seen();
    let blocks = |path: &str| {
        let blocks = seen.iter().filter(|request| request.head.contains(path) && request.head.contains("appendblock"));
        blocks.map(|request| String::from_utf8(request.body.clone()).unwrap()).collect::<Vec<_>>()
    };
    // the first block once more, after the store's failure
    assert_eq!(blocks("PUT /out"), ["one\n", "one\n", "two\n"]);
    assert_eq!(blocks("PUT /err"), ["trouble\n"]);
    assert!(seen[0].head.contains("x-ms-blob-type: AppendBlob"), "{}", seen[0].head);
    assert!(
        seen.last().unwrap().head.contains("x-ms-blob-condition-appendpos: ")
            && !machine.log().contains("secret-token")
    );
}

#[test]
fn a_blob_that_cannot_be_written_is_told_before_anything_runs() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let server = Server::with(vec![("PUT /out", "403 Forbidden", vec![])]);
    let witness = machine.path("witness");
    let public =
        json!({"source": {"script": format!("echo > {}", witness.display())}, "outputBlobUri": server.address("/out")});
    package.settings("a", 0, public);
    package.must("enable", "a", 0);
    let told = view(&package.until("a", 0, "Failed"));
    assert_eq!((told["exitCode"].as_i64(), witness.exists()), (Some(-101), false));
    assert!(
        told["executionMessage"].as_str().unwrap().contains("outputBlobUri: the store answers with status 403"),
        "{told}"
    );
}

#[test]
fn output_that_gets_lost_on_the_way_does_not_change_the_outcome() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let server =
        Server::with(vec![("PUT /out?comp=appendblock", "409 Conflict", vec![]), ("PUT /out", "201 Created", vec![])]);
    package.settings("a", 0, json!({"source": {"script": "echo x"}, "outputBlobUri": server.address("/out")}));
    package.must("enable", "a", 0);
    let told = view(&package.until("a", 0, "Succeeded"));
    assert!(
        told["executionMessage"].as_str().unwrap().contains("could be sent on: the store answers with status 409"),
        "{told}"
    );
}
