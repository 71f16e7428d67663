//! What a run does and how it is reported.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::machine::{Machine, Server, cut_power, is_running, kill, mode, outcome, part, view, wait_for};

#[test]
fn commands_run_side_by_side_and_report_each_for_itself() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let gate = machine.path("gate");
    let waiting = format!("echo begun; while [ ! -e {} ]; do sleep 0.05; done; echo done", gate.display());
    package.settings("slow", 0, json!({"source": {"script": waiting}}));
    let before = Instant::now();
    package.must("enable", "slow", 0);
    assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
    package.until("slow", 0, "Running");
    let status = package.run("quick", 3, "echo hello; echo trouble >&2", "Succeeded");
    assert_eq!(outcome(&status), ("success".into(), 0, "Succeeded".into()));
    let told = view(&status);
    assert_eq!(
        (&told["output"], &told["error"], &told["exitCode"]),
        (&json!("hello\n"), &json!("trouble\n"), &json!(0))
    );
    assert!(told["startTime"].as_str().unwrap() <= told["endTime"].as_str().unwrap(), "{told}");
    assert_eq!((part(&status, "StdOut"), part(&status, "StdErr")), ((0, "hello\n"), (0, "trouble\n")));
    assert_eq!(part(&status, "ExitCode"), (0, "0"));
    assert_eq!(package.output("quick", 3, "stdout"), "hello\n");
    assert_eq!(mode(&machine.path("output/quick.3.stdout")), 0o600);
    // the other one goes on, and says what it printed so far
    let running = wait_for("what was printed so far", || {
        let status = package.status("slow", 0)?;
        (view(&status)["output"] == "begun\n").then_some(status)
    });
    assert_eq!(outcome(&running), ("transitioning".into(), 0, "Running".into()));
    fs::write(gate, "").unwrap();
    assert_eq!(view(&package.until("slow", 0, "Succeeded"))["output"], "begun\ndone\n");
    assert_eq!(fs::read_to_string(package.root.join("quick.mrseq")).unwrap(), "3");
    assert_eq!(fs::read_to_string(package.root.join("slow.mrseq")).unwrap(), "0");
}

#[test]
fn a_failing_script_fails_the_extension_only_on_request() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let status = package.run("a", 0, "echo before; exit 3", "Failed");
    assert_eq!(outcome(&status), ("success".into(), 0, "Failed".into()));
    assert_eq!((&view(&status)["exitCode"], part(&status, "ExitCode")), (&json!(3), (3, "3")));
    package.settings("a", 1, json!({"source": {"script": "exit 3"}, "treatFailureAsDeploymentFailure": true}));
    package.must("enable", "a", 1);
    assert_eq!(outcome(&package.until("a", 1, "Failed")), ("error".into(), 3, "Failed".into()));
    // what never ran counts always
    package.settings("a", 2, json!({"source": {"script": "true"}, "runAs": "x"}));
    package.must("enable", "a", 2);
    let status = package.until("a", 2, "Failed");
    assert_eq!(outcome(&status), ("error".into(), -201, "Failed".into()));
    assert!(
        view(&status)["executionMessage"].as_str().unwrap().contains("settings.runAs: is not a setting"),
        "{status}"
    );
}

#[test]
fn whoever_does_not_wait_has_success_at_once() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let gate = machine.path("gate");
    let script = format!("while [ ! -e {} ]; do sleep 0.05; done; exit 4", gate.display());
    package.settings("a", 0, json!({"source": {"script": script}, "asyncExecution": true}));
    package.must("enable", "a", 0);
    let status = package.until("a", 0, "Running");
    assert_eq!(status["status"], "success");
    // an agent that starts again must not take that success for the end
    let runner = package.runner("a", 0);
    package.must("enable", "a", 0);
    assert!(is_running(runner));
    cut_power(runner);
    package.must("enable", "a", 0);
    let status = package.until("a", 0, "Failed");
    assert_eq!(status["status"], "success");
    assert!(view(&status)["executionMessage"].as_str().unwrap().contains("not repeated"), "{status}");
}

#[test]
fn the_time_limit_ends_the_whole_group() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let child = machine.path("child");
    let script =
        format!("trap 'echo asked' TERM; sleep 300 & echo $! > {}; echo begun; wait; sleep 300", child.display());
    package.settings("a", 0, json!({"source": {"script": script}, "timeoutInSeconds": 1}));
    package.must("enable", "a", 0);
    let status = package.until("a", 0, "TimedOut");
    assert_eq!(part(&status, "StdOut").1, "begun\nasked\n");
    assert!(view(&status)["executionMessage"].as_str().unwrap().contains("longer than 1 s"), "{status}");
    let child = fs::read_to_string(child).unwrap().trim().parse().unwrap();
    wait_for("the end of the background child", || (!is_running(child)).then_some(()));
}

#[test]
fn a_power_cut_is_reported_with_what_was_seen_and_nothing_runs_again() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    package.settings("a", 5, json!({"source": {"script": "echo run; sleep 300"}}));
    package.must("enable", "a", 5);
    wait_for("progress", || (view(&package.status("a", 5)?)["output"] == "run\n").then_some(()));
    let began = view(&package.status("a", 5).unwrap())["startTime"].clone();
    cut_power(package.runner("a", 5));
    package.must("enable", "a", 5);
    let status = package.until("a", 5, "Failed");
    let told = view(&status);
    assert_eq!((&told["output"], &told["startTime"]), (&json!("run\n"), &began));
    package.must("enable", "a", 5);
    assert_eq!(package.output("a", 5, "stdout"), "run\n");
    assert!(!machine.data().join("run/a.5.command").exists());
}

#[test]
fn an_orderly_shutdown_is_told_from_an_end_on_purpose() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    package.settings("a", 0, json!({"source": {"script": "echo run; sleep 300"}}));
    package.must("enable", "a", 0);
    wait_for("the run", || (package.output("a", 0, "stdout") == "run\n").then_some(()));
    kill("TERM", package.runner("a", 0));
    let status = package.until("a", 0, "Failed");
    assert!(view(&status)["executionMessage"].as_str().unwrap().contains("interrupted"), "{status}");
}

#[test]
fn newer_settings_end_the_run_even_when_its_runner_is_gone() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let shell = machine.path("shell");
    let script = format!("echo $$ > {}; sleep 300", shell.display());
    for (number, runner_too) in [(0, false), (1, true)] {
        let _ = fs::remove_file(&shell);
        package.settings("a", number, json!({"source": {"script": script}}));
        package.must("enable", "a", number);
        let command: i32 = wait_for("the command", || fs::read_to_string(&shell).ok()?.trim().parse().ok());
        if runner_too {
            wait_for("the note", || machine.data().join(format!("run/a.{number}.process")).exists().then_some(()));
            kill("KILL", package.runner("a", number));
        }
        package.run("a", number + 10, "echo next", "Succeeded");
        wait_for("the end of the former command", || (!is_running(command)).then_some(()));
        if !runner_too {
            let status = package.until("a", number, "Canceled");
            assert!(view(&status)["executionMessage"].as_str().unwrap().contains("newer settings"), "{status}");
        }
        package.must("disable", "a", number + 10);
        // as an agent does when a command is deleted
        for folder in ["config", "status"] {
            fs::remove_dir_all(package.root.join(folder)).unwrap();
            fs::create_dir(package.root.join(folder)).unwrap();
        }
    }
}

#[test]
fn scripts_come_from_an_address_or_from_the_package() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", "", 0);
    let server = Server::with(vec![
        ("GET /s.sh?sig=secret-token", "503 Service Unavailable", vec![]),
        ("GET /s.sh?sig=secret-token", "200 OK", b"\xef\xbb\xbf#!/bin/sh\r\necho \"from afar\"\r\n".to_vec()),
        ("GET /large", "200 OK", vec![b'#'; 256 * 1024 + 1]),
    ]);
    let public = json!({"source": {"scriptUri": server.address("/s.sh")}});
    package.sealed_settings("a", 0, public, json!({"sourceSASToken": "?sig=secret-token"}));
    package.must("enable", "a", 0);
    assert_eq!(view(&package.until("a", 0, "Succeeded"))["output"], "from afar\n");
    for (number, path, words) in [(1, "/none.sh?sig=abc", "status 404"), (2, "/large", "larger than 256 KiB")] {
        package.settings("a", number, json!({"source": {"scriptUri": server.address(path)}}));
        package.must("enable", "a", number);
        let told = view(&package.until("a", number, "Failed"));
        assert_eq!(told["exitCode"], -100);
        let message = told["executionMessage"].as_str().unwrap();
        assert!(message.contains(words) && !message.contains("abc"), "{message}");
    }
    package.settings("a", 3, json!({"source": {"commandId": "ifconfig"}}));
    package.must("enable", "a", 3);
    assert!(view(&package.until("a", 3, "Succeeded"))["output"].as_str().unwrap().contains("lo"));
}
