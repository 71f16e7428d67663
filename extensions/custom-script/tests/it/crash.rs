//! Whatever dies whenever: each sequence number's command begins at most once, and its status becomes final.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::machine::{Machine, cut_power, wait_for};

#[test]
fn nothing_is_lost_or_doubled_when_power_fails_at_any_moment() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let witness = machine.path("witness");
    let (mut finished, mut interrupted) = (0, 0);
    for number in 1..=40_u64 {
        package.settings(
            number,
            json!({"commandToExecute": format!("echo {number} >> {}; sleep 0.05", witness.display())}),
        );
        package.must("enable", number);
        let runs = || {
            let text = fs::read_to_string(&witness).unwrap_or_default();
            text.lines().filter(|line| *line == number.to_string()).count()
        };
        match number {
            // the two moments that must not be missed, however busy the machine is
            1 => wait_for("the command", || (runs() == 1).then_some(())),
            2 => drop(package.final_status(number)),
            // the rest is spread over the whole run, from its first instruction to after its end
            _ => thread::sleep(Duration::from_micros((number - 3) * 3_000)),
        }
        if let Ok(text) = fs::read(machine.data().join(format!("run/{number}.holder"))) {
            let holder: serde_json::Value = serde_json::from_slice(&text).unwrap();
            cut_power(i32::try_from(holder["process"].as_i64().unwrap()).unwrap());
        }
        package.must("enable", number);
        let status = package.final_status(number);
        match (status["status"].as_str(), status["code"].as_i64()) {
            (Some("success"), Some(0)) => finished += 1,
            (Some("error"), Some(3)) => interrupted += 1,
            other => panic!("{other:?} {status}"),
        }
        assert!(runs() <= 1, "sequence {number} began {} times", runs());
        assert!(runs() == 1 || status["code"] == 3, "sequence {number} is reported as done, but never ran");
    }
    assert!(finished > 0 && interrupted > 0, "{finished} finished, {interrupted} interrupted");
}

#[test]
fn many_agents_at_once_run_it_once() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let witness = machine.path("witness");
    package.settings(1, json!({"commandToExecute": format!("echo run >> {}", witness.display())}));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| package.must("enable", 1));
        }
    });
    assert_eq!(package.final_status(1)["status"], "success");
    package.must("enable", 1);
    assert_eq!(fs::read_to_string(witness).unwrap(), "run\n");
}

#[test]
fn a_full_or_read_only_disk_is_an_error_and_not_a_run() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    // where mrseq should go there is a folder: nothing can be saved
    fs::create_dir(package.root.join("mrseq")).unwrap();
    fs::write(package.root.join("mrseq/x"), "").unwrap();
    package.settings(1, json!({"commandToExecute": "echo run"}));
    let output = package.call("enable", 1);
    assert_eq!(output.status.code(), Some(3));
    let status = package.final_status(1);
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(0)));
    wait_for("nothing", || Some(()));
    assert_eq!(package.output(1, "stdout"), "");
}

#[test]
fn a_power_cut_that_takes_the_number_back_repeats_nothing() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let status = package.run(3, json!({"commandToExecute": "echo run"}));
    wait_for("the end of cleaning", || machine.log().contains("run-finished").then_some(()));
    // what was not flushed yet is gone: the number, the record and the status
    for lost in [package.root.join("mrseq"), machine.data().join("run/3.state"), package.root.join("status/3.status")] {
        fs::remove_file(lost).unwrap();
    }
    package.must("enable", 3);
    let after = package.final_status(3);
    assert_eq!((status["code"].as_i64(), after["code"].as_i64()), (Some(0), Some(3)));
    assert_eq!(package.output(3, "stdout"), "run\n");
    assert_eq!(fs::read_to_string(package.root.join("mrseq")).unwrap(), "3");
}
