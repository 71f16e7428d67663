//! The five commands, twice each, and what stays of a run that was cut off.

use std::fs;

use serde_json::json;

use crate::apart::is_apart;
use crate::machine::{Machine, entry, message};

#[test]
fn each_number_is_done_once_and_its_settings_go_every_time() {
    if !is_apart("lifecycle::each_number_is_done_once_and_its_settings_go_every_time") {
        return;
    }
    let machine = Machine::new();
    let settings = json!({"username": "ana", "password": "correct-horse-battery"});
    for command in ["install", "install", "update", "disable"] {
        assert!(machine.call(command, 0).status.success(), "{command}: {}", machine.log());
    }
    machine.must(3, &settings);
    let status = machine.status(3);
    let hash = entry("/etc/shadow", "ana").unwrap();
    // an agent that starts again hands the same settings over
    machine.apply(3, &settings);
    assert_eq!((machine.status(3), entry("/etc/shadow", "ana").unwrap()), (status, hash.clone()));
    // older settings are left alone
    machine.settings(2, &json!({}), &settings);
    assert!(machine.call("enable", 2).status.success());
    assert_eq!((machine.status(2), entry("/etc/shadow", "ana").unwrap()), (None, hash.clone()));
    for command in ["disable", "disable", "uninstall", "uninstall"] {
        assert!(machine.call(command, 3).status.success(), "{command}");
    }
    assert_eq!(entry("/etc/shadow", "ana").unwrap(), hash, "what was done for people stays theirs");
}

#[test]
fn a_run_that_was_cut_off_is_told_and_not_repeated() {
    if !is_apart("lifecycle::a_run_that_was_cut_off_is_told_and_not_repeated") {
        return;
    }
    let machine = Machine::new();
    machine.program("useradd", "kill -9 $PPID");
    machine.settings(0, &json!({}), &json!({"username": "ana", "password": "correct-horse-battery"}));
    assert!(!machine.call("enable", 0).status.success());
    assert_eq!(machine.status(0).unwrap()["status"], "transitioning");
    assert!(fs::read_to_string(machine.settings_file(0)).unwrap().contains("\"protectedSettings\":\"\""));
    fs::remove_file(machine.path("programs/useradd")).unwrap();
    let status = machine.apply(0, &json!({"username": "ana", "password": "correct-horse-battery"}));
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(3)));
    assert!(message(&status).contains("not repeated"), "{status}");
    assert_eq!(entry("/etc/passwd", "ana"), None);
}

#[test]
fn damaged_settings_are_told() {
    if !is_apart("lifecycle::damaged_settings_are_told") {
        return;
    }
    let machine = Machine::new();
    machine.settings(0, &json!({}), &json!({"remove_user": "ana"}));
    for key in fs::read_dir(machine.path("lib")).unwrap().flatten() {
        if key.path().extension().is_some_and(|ending| ending == "prv") {
            fs::remove_file(key.path()).unwrap();
        }
    }
    assert!(machine.call("enable", 0).status.success());
    assert_eq!(machine.status(0).unwrap()["code"], -20);
    assert!(fs::read_to_string(machine.settings_file(0)).unwrap().contains("\"protectedSettings\":\"\""));
    fs::write(machine.settings_file(1), "{").unwrap();
    assert!(machine.call("enable", 1).status.success());
    assert_eq!(machine.status(1).unwrap()["code"], -21);
    assert_eq!(machine.call("start", 1).status.code(), Some(2));
}
