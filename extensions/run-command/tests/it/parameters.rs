//! What a script is told, and who else sees it.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::machine::{Machine, view, wait_for};

const SECRET: &str = "correct-horse-battery-staple";

#[test]
fn names_become_variables_and_the_rest_is_positional() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let script = "#!/bin/sh -u\necho \"$NAMED|$#|$1|$2|$3\"; env | grep -c '^NAMED='";
    let public = json!({"source": {"script": script}, "parameters": [
        {"name": "NAMED", "value": "a named one"}, {"value": "it's"}, {"name": "", "value": "two\nlines"}]});
    package.sealed_settings("a", 0, public, json!({"protectedParameters": [{"value": SECRET}]}));
    package.must("enable", "a", 0);
    let told = view(&package.until("a", 0, "Succeeded"));
    assert_eq!(told["output"], "a named one|3|it's|two\nlines|[redacted]\n1\n");
    let public = json!({"source": {"script": "#!/usr/bin/awk -f\nBEGIN { print ARGV[1], ENVIRON[\"NAMED\"] }\n"},
        "parameters": [{"value": "x"}, {"name": "NAMED", "value": "y"}]});
    package.settings("a", 1, public.clone());
    package.must("enable", "a", 1);
    assert_eq!(view(&package.until("a", 1, "Succeeded"))["output"], "x y\n");
    package.sealed_settings("a", 2, public, json!({"protectedParameters": [{"value": SECRET}]}));
    package.must("enable", "a", 2);
    let status = package.until("a", 2, "Failed");
    assert_eq!(status["code"], -201);
    assert!(view(&status)["executionMessage"].as_str().unwrap().contains("process list"), "{status}");
}

/// Every file below `folder` that holds the secret.
fn holders(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            holders(&path, found);
        } else if fs::read(&path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(SECRET)) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
}

#[test]
fn secrets_are_in_no_argument_and_in_no_file_after_the_run() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let gate = machine.path("gate");
    let script = format!(
        "echo \"${{#1}} ${{#TOKEN}}\"; while [ ! -e {} ]; do sleep 0.05; done; no-such-program-$1",
        gate.display()
    );
    let protected = json!({"protectedParameters": [{"value": SECRET}, {"name": "TOKEN", "value": SECRET}]});
    package.sealed_settings("a", 0, json!({"source": {"script": script}}), protected);
    package.must("enable", "a", 0);
    wait_for("the run", || (package.output("a", 0, "stdout") == "28 28\n").then_some(()));
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let arguments: Vec<String> = processes
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .filter(|line| line.contains(SECRET))
        .collect();
    assert_eq!(arguments, Vec::<String>::new());
    let mut found = Vec::new();
    holders(machine.folder.path(), &mut found);
    assert_eq!(found, ["a.0.command"], "while it runs, the shell's own input is the one place");
    fs::write(gate, "").unwrap();
    let status = package.until("a", 0, "Failed");
    assert!(view(&status)["error"].as_str().unwrap().contains("no-such-program-[redacted]"), "{status}");
    wait_for("cleaning", || machine.log().contains("run-finished").then_some(()));
    found.clear();
    holders(machine.folder.path(), &mut found);
    assert_eq!(found, ["a.0.stderr"], "what a script prints itself is its own affair");
}
