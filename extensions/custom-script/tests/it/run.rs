//! What a run does and how it is reported.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::machine::{Machine, cut_power, is_running, message, mode, part, wait_for};

#[test]
fn a_command_runs_and_both_streams_are_reported() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let status = package.run(0, json!({"commandToExecute": "echo hello; echo trouble >&2; pwd; id -u"}));
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("success"), Some(0)));
    let folder = machine.data().join("download/0");
    let stdout = format!("hello\n{}\n", folder.display());
    assert!(message(&status).starts_with(&format!("Enable succeeded:\n[stdout]\n{stdout}")), "{status}");
    assert!(message(&status).ends_with("[stderr]\ntrouble\n"), "{status}");
    assert!(part(&status, "StdOut").1.starts_with(&stdout));
    assert_eq!(part(&status, "StdErr"), (0, "trouble\n"));
    assert_eq!(part(&status, "ExitCode"), (0, "0"));
    assert!(package.output(0, "stdout").starts_with("hello\n"));
    assert_eq!(mode(&machine.path("output/0.stdout")), 0o600);
    for folder in [machine.data(), machine.data().join("download"), folder] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
    assert!(!machine.data().join("run/0.command").exists(), "the command stays on the disk");
    assert_eq!(fs::read_to_string(package.root.join("mrseq")).unwrap(), "0");
}

#[test]
fn without_an_output_folder_the_files_lie_where_the_command_works() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.write_environment(false);
    package.must("install", 0);
    let status = package.run(3, json!({"commandToExecute": "echo hello"}));
    assert_eq!(part(&status, "StdOut").1, "hello\n");
    let stdout = machine.data().join("download/3/stdout");
    assert_eq!((fs::read_to_string(&stdout).unwrap().as_str(), mode(&stdout)), ("hello\n", 0o600));
}

#[test]
fn another_exit_code_is_a_failure_that_tells_it() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", 1);
    let status = package.run(1, json!({"commandToExecute": "echo before; exit 3"}));
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(2)));
    assert!(message(&status).starts_with("Enable failed: the command ended with exit code 3\n[stdout]\nbefore\n"));
    assert_eq!(part(&status, "ExitCode"), (3, "3"));
    let status = package.run(2, json!({"commandToExecute": "no-such-program"}));
    assert!(message(&status).contains("exit code 127 (the shell did not find the command"), "{status}");
    let status = package.run(3, json!({"commandToExecute": "kill -9 $$"}));
    assert_eq!(part(&status, "ExitCode").0, 137);
}

#[test]
fn enable_returns_at_once_while_the_command_runs() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let gate = machine.path("gate");
    package.settings(
        0,
        json!({"commandToExecute": format!("echo begun; while [ ! -e {} ]; do sleep 0.05; done", gate.display())}),
    );
    let before = Instant::now();
    package.must("enable", 0);
    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    wait_for("the first line, while the command runs", || (package.output(0, "stdout") == "begun\n").then_some(()));
    let status = package.status(0).unwrap();
    assert_eq!(status["status"], "transitioning");
    assert!(message(&status).starts_with("Enable in progress"));
    // again, as after a restart of the agent
    package.must("enable", 0);
    assert_eq!(package.status(0).unwrap()["status"], "transitioning");
    fs::write(gate, "").unwrap();
    assert_eq!(package.final_status(0)["status"], "success");
    assert_eq!(package.output(0, "stdout"), "begun\n", "it must have run once");
}

#[test]
fn the_second_version_reports_progress_and_the_first_does_not() {
    for (version, shown) in [("1.1.0", true), ("1.0.0", false)] {
        let machine = Machine::new();
        let package = machine.unpack(version);
        if shown {
            fs::write(package.root.join("features.json"), r#"{"timeoutSetting":true,"progressEverySeconds":1}"#)
                .unwrap();
        }
        package.must("install", 0);
        let gate = machine.path("gate");
        package.settings(0, json!({"commandToExecute": format!("echo begun; for i in 1 2 3 4 5 6; do sleep 0.3; done; echo x > {}; sleep 1", gate.display())}));
        package.must("enable", 0);
        wait_for("two seconds of the command", || gate.exists().then_some(()));
        let status = package.status(0).unwrap();
        assert_eq!(message(&status).contains("has been running for "), shown, "{status}");
        if shown {
            assert_eq!(part(&status, "StdOut").1, "begun\n");
        }
        assert_eq!(package.final_status(0)["status"], "success");
    }
}

#[test]
fn the_time_limit_ends_the_whole_group() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let child = machine.path("child");
    let command =
        format!("trap 'echo asked' TERM; sleep 300 & echo $! > {}; echo begun; wait; sleep 300", child.display());
    let status = package.run(0, json!({"commandToExecute": command, "timeoutInSeconds": 1}));
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(56)));
    assert!(message(&status).contains("longer than 1 s"), "{status}");
    assert_eq!(part(&status, "StdOut").1, "begun\nasked\n");
    let child = fs::read_to_string(child).unwrap().trim().parse().unwrap();
    wait_for("the end of the background child", || (!is_running(child)).then_some(()));
}

#[test]
fn the_first_version_knows_no_time_limit() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.must("install", 0);
    let status = package.run(0, json!({"commandToExecute": "echo x", "timeoutInSeconds": 9}));
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(-21)));
    assert!(message(&status).contains("settings.timeoutInSeconds: is not a setting of this version"), "{status}");
    assert_eq!(package.output(0, "stdout"), "");
}

#[test]
fn scripts_run_from_base64_gzip_or_as_text() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let script = "\u{feff}#!/bin/sh\r\necho \"from $0\"\r\nexit 0\r\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, script.as_bytes()).unwrap();
    let forms = [
        STANDARD.encode(script),
        STANDARD.encode(gzip.finish().unwrap()),
        "#!/bin/sh\r\necho \"from $0\"\r\n".to_owned(),
    ];
    for (number, form) in (1..).zip(forms) {
        let status = package.run(number, json!({"script": form}));
        assert_eq!(part(&status, "StdOut").1, "from ./script.sh\n", "{status}");
        assert_eq!(mode(&machine.data().join(format!("download/{number}/script.sh"))), 0o500);
    }
    let status = package.run(9, json!({"script": "echo this is no base64"}));
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(-21)));
}

#[test]
fn damaged_settings_fail_with_a_reason_and_run_nothing() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    for (number, text, words) in [
        (1, "{\"runtimeSettings\":[{\"handlerSett", "damaged"),
        (2, "{\"runtimeSettings\":[{\"handlerSettings\":{\"publicSettings\":[]}}]}", "not an object"),
        (3, "", "neither commandToExecute nor script"),
    ] {
        fs::write(package.root.join(format!("config/{number}.settings")), text).unwrap();
        package.must("enable", number);
        let status = package.final_status(number);
        assert_eq!(status["status"], "error");
        assert!(message(&status).contains(words), "{status}");
    }
    package.must("enable", 4);
    assert!(message(&package.final_status(4)).contains("cannot read the settings file"));
}

#[test]
fn newer_settings_replace_a_run_that_goes_on() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    package.settings(1, json!({"commandToExecute": "echo one; sleep 300"}));
    package.must("enable", 1);
    wait_for("the first run", || (package.output(1, "stdout") == "one\n").then_some(()));
    let runner = package.runner(1);
    let status = package.run(2, json!({"commandToExecute": "echo two"}));
    assert_eq!(part(&status, "StdOut").1, "two\n");
    assert!(!is_running(runner));
    let first = package.final_status(1);
    assert_eq!((first["status"].as_str(), first["code"].as_i64()), (Some("error"), Some(3)));
}

#[test]
fn what_earlier_runs_left_is_removed() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    for number in 1..=4 {
        package.run(number, json!({"commandToExecute": format!("echo {number} > file; echo {number}")}));
    }
    let names = |folder: &Path| {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    wait_for("the end of cleaning", || (!is_running(package.runner(4))).then_some(()));
    assert_eq!(names(&machine.data().join("download")), ["4"]);
    assert_eq!(names(&machine.data().join("run")), ["4.holder", "4.lease", "4.started", "4.state"]);
    assert_eq!(names(&package.root.join("config")), ["4.settings"]);
    assert_eq!(names(&machine.path("output")), ["3.stderr", "3.stdout", "4.stderr", "4.stdout"]);
}

#[test]
fn a_reboot_in_the_middle_is_reported_and_nothing_runs_again() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    package.settings(5, json!({"commandToExecute": "echo run; sleep 300"}));
    package.must("enable", 5);
    wait_for("the run", || (package.output(5, "stdout") == "run\n").then_some(()));
    cut_power(package.runner(5));
    package.must("enable", 5);
    let status = package.final_status(5);
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(3)));
    assert!(message(&status).contains("interrupted by a shutdown"), "{status}");
    package.must("enable", 5);
    assert_eq!(package.output(5, "stdout"), "run\n");
    // newer settings run as ever
    assert_eq!(package.run(6, json!({"commandToExecute": "true"}))["status"], "success");
}

#[test]
fn an_orderly_shutdown_ends_the_command_and_reports_it() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    package.settings(5, json!({"commandToExecute": "echo run; sleep 300"}));
    package.must("enable", 5);
    wait_for("the run", || (package.output(5, "stdout") == "run\n").then_some(()));
    crate::machine::kill("TERM", package.runner(5));
    let status = package.final_status(5);
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(3)));
    assert_eq!(part(&status, "StdOut").1, "run\n");
}

#[test]
fn a_policy_that_cannot_be_enforced_stops_the_run() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    fs::write(package.root.join("config/waagent_runtime_policy.json"), "{}").unwrap();
    let status = package.run(1, json!({"commandToExecute": "echo x"}));
    assert_eq!(status["code"], 81);
    assert_eq!(package.output(1, "stdout"), "");
}

#[test]
fn a_script_that_prints_without_end_does_not_fill_the_disk() {
    use std::os::unix::fs::MetadataExt;
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let command = "head -c 60000000 /dev/zero | tr '\\0' x; sleep 2; echo; echo end";
    let status = package.run(0, json!({"commandToExecute": command}));
    assert!(part(&status, "StdOut").1.ends_with("x\nend\n"));
    let data = fs::metadata(machine.path("output/0.stdout")).unwrap();
    assert_eq!(data.len(), 60_000_005);
    assert!(data.blocks() * 512 < 20_000_000, "{} bytes are in use", data.blocks() * 512);
}

#[test]
fn a_shutdown_that_reaches_the_command_first_counts_as_an_interruption() {
    let machine = Machine::new();
    let package = machine.unpack("1.1.0");
    package.must("install", 0);
    let shell = machine.path("shell");
    package.settings(5, json!({"commandToExecute": format!("echo $$ > {}; exec sleep 300", shell.display())}));
    package.must("enable", 5);
    let command = wait_for("the command", || fs::read_to_string(&shell).ok()?.trim().parse().ok());
    crate::machine::kill("TERM", command);
    crate::machine::kill("TERM", package.runner(5));
    assert_eq!(package.final_status(5)["code"], 3);
    // alone, the same signal is the command's own affair
    let status = package.run(6, json!({"commandToExecute": "kill -TERM $$"}));
    assert_eq!((status["code"].as_i64(), part(&status, "ExitCode").0), (Some(2), 143));
}
