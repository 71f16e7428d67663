//! What came in protected settings is seen by the command and by nobody else.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::machine::{Machine, Server, message, part, wait_for};

const SECRET: &str = "correct-horse-battery-staple";

/// Every file below `folder`, name and content, but for those `except` says.
fn search(folder: &Path, except: &dyn Fn(&Path) -> bool, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.to_string_lossy().contains(SECRET) {
            found.push(format!("name {}", path.display()));
        }
        if path.is_dir() {
            search(&path, except, found);
        } else if !except(&path) && fs::read(&path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(SECRET))
        {
            found.push(path.display().to_string());
        }
    }
}

fn arguments_with_secret() -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        .filter(|line| line.contains(SECRET))
        .collect()
}

#[test]
fn a_protected_command_shows_up_nowhere() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let gate = machine.path("gate");
    let command = format!(
        "TOKEN={SECRET}\necho \"length ${{#TOKEN}}\"\nwhile [ ! -e {} ]; do sleep 0.05; done\nexit 4",
        gate.display()
    );
    package.sealed_settings(0, json!({}), json!({"commandToExecute": command}));
    package.must("enable", 0);
    wait_for("the command", || (package.output(0, "stdout") == "length 28\n").then_some(()));
    assert_eq!(arguments_with_secret(), Vec::<String>::new());
    // while it runs, the shell's own input is the one place
    let running = |path: &Path| path.ends_with("run/0.command");
    let mut found = Vec::new();
    search(machine.folder.path(), &running, &mut found);
    assert_eq!(found, Vec::<String>::new());
    fs::write(gate, "").unwrap();
    let status = package.final_status(0);
    assert_eq!(part(&status, "ExitCode").0, 4);
    wait_for("cleaning", || machine.log().contains("run-finished").then_some(()));
    search(machine.folder.path(), &|_| false, &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn reported_output_is_masked() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let script = format!("#!/bin/sh\nset -v\ncurl_token={SECRET}\nexit 1\n");
    package.sealed_settings(0, json!({}), json!({"script": script}));
    package.must("enable", 0);
    let status = package.final_status(0);
    assert!(package.output(0, "stderr").contains(SECRET), "the shell repeats its input on request");
    assert!(!status.to_string().contains(SECRET), "{status}");
    assert!(part(&status, "StdErr").1.contains("[redacted]"), "{status}");
    assert!(!machine.data().join("download/0/script.sh").exists(), "a protected script stays on the disk");
}

#[test]
fn a_secret_address_is_not_repeated_when_it_fails() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let server = Server::with(vec![("/a.sh", "404 Not Found", vec![])]);
    let address = server.address(&format!("/a.sh?sig={SECRET}"));
    package.sealed_settings(0, json!({"commandToExecute": "true"}), json!({"fileUris": [address]}));
    package.must("enable", 0);
    let status = package.final_status(0);
    assert_eq!(status["code"], 53);
    assert!(message(&status).contains("/a.sh"), "{status}");
    let mut found = Vec::new();
    search(machine.folder.path(), &|_| false, &mut found);
    assert_eq!(found, Vec::<String>::new());
    assert!(server.requests.lock().unwrap()[0].contains(SECRET));
}

#[test]
fn a_missing_key_is_said_plainly() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    package.sealed_settings(0, json!({}), json!({"commandToExecute": "true"}));
    for entry in fs::read_dir(machine.lib())
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "prv"))
    {
        fs::remove_file(entry.path()).unwrap();
    }
    package.must("enable", 0);
    let status = package.final_status(0);
    assert_eq!((status["code"].as_i64(), message(&status).contains("does not have")), (Some(-20), true), "{status}");
}
