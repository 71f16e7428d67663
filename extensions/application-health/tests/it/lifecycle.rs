//! The five commands, and who takes over from whom.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use crate::machine::{Machine, NAME, is_running, kill, wait_for};

#[test]
fn every_command_may_come_twice_and_removal_leaves_only_the_log() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.settings(0, json!({}));
    package.must("install", 0);
    package.must("install", 0);
    let before = Instant::now();
    package.must("enable", 0);
    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    package.shows(0, "Healthy");
    let prober = machine.prober().unwrap();
    package.must("enable", 0);
    assert_eq!(machine.prober(), Some(prober), "the same settings again must not restart it");
    package.must("disable", 0);
    assert!(!is_running(prober));
    assert!(!package.root.join("heartbeat.log").exists());
    package.must("disable", 0);
    package.must("uninstall", 0);
    package.must("uninstall", 0);
    assert!(!machine.data().exists());
    assert!(machine.log().contains("uninstalled"));
}

#[test]
fn after_a_reboot_it_probes_again() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.start(3, json!({}));
    package.shows(3, "Healthy");
    let prober = machine.prober().unwrap();
    kill("KILL", prober);
    wait_for("its end", || (!is_running(prober)).then_some(()));
    package.must("enable", 3);
    let next = wait_for("another", || machine.prober().filter(|next| *next != prober));
    assert!(is_running(next));
}

#[test]
fn one_that_is_stuck_is_replaced() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.start(3, json!({}));
    package.shows(3, "Healthy");
    let prober = machine.prober().unwrap();
    kill("STOP", prober);
    package.must("enable", 3);
    assert_eq!(machine.prober(), Some(prober), "its log is fresh: nobody can know yet");
    let old = SystemTime::now() - Duration::from_secs(7 * 60);
    fs::File::options().append(true).open(machine.log_file()).unwrap().set_modified(old).unwrap();
    package.must("enable", 3);
    let next = wait_for("another", || machine.prober().filter(|next| *next != prober));
    assert!(!is_running(prober) && is_running(next));
}

#[test]
fn newer_settings_replace_older_ones_and_not_the_other_way_round() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.start(3, json!({}));
    package.shows(3, "Healthy");
    let first = machine.prober().unwrap();
    package.settings(4, json!({"numberOfProbes": 2}));
    package.must("enable", 4);
    package.shows(4, "Healthy");
    let second = machine.prober().unwrap();
    assert!(second != first && !is_running(first));
    assert_eq!(package.call("enable", 3).status.code(), Some(3));
    assert_eq!(machine.prober(), Some(second));
}

#[test]
fn it_leaves_by_itself_when_newer_settings_were_saved() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.start(3, json!({}));
    package.shows(3, "Healthy");
    let prober = machine.prober().unwrap();
    // as if the new enable had died right after saving its number
    fs::write(package.root.join("mrseq"), "4").unwrap();
    wait_for("its end", || (!is_running(prober)).then_some(()));
    assert!(machine.log().contains("newer settings were saved"));
}

#[test]
fn settings_that_cannot_be_used_are_an_error() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.settings(1, json!({"protocol": "tcp"}));
    package.must("install", 1);
    assert_eq!(package.call("enable", 1).status.code(), Some(53));
    let status = package.status(1).unwrap();
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(53)));
    assert!(status["formattedMessage"]["message"].as_str().unwrap().contains("port"), "{status}");
    assert_eq!(package.heartbeat()["status"], "NotReady");
    fs::write(package.root.join("config/2.settings"), "{").unwrap();
    assert_eq!(package.call("enable", 2).status.code(), Some(53));
    // mended, it works
    package.settings(2, json!({}));
    package.must("enable", 2);
    package.shows(2, "Healthy");
}

#[test]
fn a_change_of_version_hands_over() {
    let machine = Machine::new();
    let first = machine.unpack("1.0.0");
    first.start(3, json!({}));
    first.shows(3, "Healthy");
    let prober = machine.prober().unwrap();
    let second = machine.unpack("1.0.1");
    for name in ["config/3.settings", "mrseq", "status/3.status"] {
        fs::copy(first.root.join(name), second.root.join(name)).unwrap();
    }
    // even when the old version could not be disabled
    for (package, command) in [(&second, "update"), (&second, "install"), (&second, "enable")] {
        package.must(command, 3);
    }
    let next = wait_for("the next version's", || machine.prober().filter(|next| *next != prober));
    assert!(!is_running(prober) && is_running(next));
    fs::remove_dir_all(machine.folder.path().join(format!("lib/{NAME}-1.0.0"))).unwrap();
    let program = fs::read_link(format!("/proc/{next}/exe")).unwrap();
    assert!(program.starts_with(&second.root), "{}", program.display());
}
