//! A server that is killed leaves its machines running; the next one finds them.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use control::compute::Compute;
use domain::ids::VmId;
use server::lab::listen;

use super::harness::{Machine, TestLab, open_lab, processes_of, program, wait};

/// Not a test of its own: the server that is going to be killed. Starts a machine, says which, and hangs.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test below"]
async fn doomed_server() {
    let folder = PathBuf::from(std::env::var_os("LAB_TEST_FOLDER").expect("a folder"));
    let lab = open_lab(&folder, program()).await;
    let machine = Machine::new(&folder, "survivor", false);
    let _socket = listen(&folder.join("data")).expect("listens");
    lab.start(&machine.vm).await.expect("started");
    fs::write(folder.join("id.new"), machine.vm.id.to_string()).expect("written");
    fs::rename(folder.join("id.new"), folder.join("id")).expect("written");
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_leaves_machines_to_the_next() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut server = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "survival::doomed_server", "--ignored", "--nocapture"])
        .env("LAB_TEST_FOLDER", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("server");
    wait("the doomed server starts its machine", || folder.path().join("id").exists());
    let id: VmId = fs::read_to_string(folder.path().join("id")).expect("id").parse().expect("id");
    let machine = Machine::known(folder.path(), "survivor", id, 1);
    machine.run("sh -c 'sleep 1000 > /dev/null 2>&1 &'; echo 1 > /tmp/state");
    let socket = machine.run("stat -c '%i %y' /run/annex/portal.sock");
    let process = machine.process();
    server.kill().and_then(|_| server.wait()).expect("killed");
    assert!(processes_of(id).len() >= 3, "the machine goes on");

    let lab = open_lab(folder.path(), program()).await;
    let _socket = listen(&folder.path().join("data")).expect("listens again");
    assert_eq!(lab.running().await, [id]);
    assert_eq!(machine.run("cat /tmp/state"), "1");
    assert_ne!(machine.run("stat -c '%i %y' /run/annex/portal.sock"), socket, "it sees the new socket");
    lab.start(&machine.vm).await.expect("runs already");
    assert_eq!(machine.process(), process);
    lab.stop_all().await.expect("stopped");
    assert_eq!(processes_of(id), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_machine_is_off_and_starts_again() {
    let test = TestLab::open().await;
    let machine = test.start("victim").await;
    machine.run("setsid sleep 1000 > /dev/null 2>&1 &");
    let killed = Command::new("kill").args(["-KILL", &machine.process().to_string()]).status().expect("kill");
    assert!(killed.success());
    wait("everything in it ends with process 1", || processes_of(machine.vm.id).is_empty());
    wait("it counts as off", || {
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(test.lab.running())).is_empty()
    });
    test.lab.start(&machine.vm).await.expect("started");
    assert_eq!(machine.run("echo back"), "back");
    test.lab.stop_all().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_another_process_is_not_believed() {
    let test = TestLab::open().await;
    let machine = test.start("ghost").await;
    let record = fs::read_to_string(machine.folder().join("machine.json")).expect("record");
    test.lab.stop(machine.vm.id).await.expect("stopped");
    // Its process id now belongs to this very test.
    let mut ghost: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    ghost["pid"] = std::process::id().into();
    fs::write(machine.folder().join("machine.json"), ghost.to_string()).expect("written");
    assert_eq!(test.lab.running().await, []);
    test.lab.stop(machine.vm.id).await.expect("nothing to stop, and nothing else stopped");
    test.lab.start(&machine.vm).await.expect("started");
    test.lab.stop_all().await.expect("stopped");
}
