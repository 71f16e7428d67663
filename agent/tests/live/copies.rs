//! Copies of machines and of images, by the real process: each has to be a machine of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::portal::Portal;

const IMAGE_ID: &str = "0123456789abcdef0123456789abcdef";

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_annex-agent"));
    command.args(["--config=/dev/null", "--log-level=warn"]).arg(format!("--root={}", root.display())).args(arguments);
    command.env_remove("ANNEX_AGENT_SERVER").env_remove("ANNEX_AGENT_TOKEN");
    command
}

/// Runs it off the runtime that plays the server.
async fn output(root: &Path, arguments: &[&str]) -> Output {
    let mut command = command(root, arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn done(root: &Path, arguments: &[&str]) {
    let output = output(root, arguments).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn start(root: &Path) -> Child {
    command(root, &["run"]).stderr(Stdio::null()).spawn().unwrap()
}

/// The whole disk, as an image is copied.
fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

fn hardware(root: &Path, uuid: &str) {
    std::fs::create_dir_all(root.join("sys/class/dmi/id")).unwrap();
    std::fs::write(root.join("sys/class/dmi/id/product_uuid"), uuid).unwrap();
}

fn machine(root: &Path) {
    std::fs::create_dir_all(root.join("etc")).unwrap();
    std::fs::write(root.join("etc/machine-id"), format!("{IMAGE_ID}\n")).unwrap();
    hardware(root, "A");
}

fn state(root: &Path, name: &str) -> std::path::PathBuf {
    root.join("var/lib/annex-agent").join(name)
}

async fn appears(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} never came", path.display());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_an_enrolled_machine_is_refused_and_the_first_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    machine(&first);
    done(&first, &["enrol", &portal.address(), &portal.token("t"), "--name", "m"]).await;
    copy(&first, &second);
    hardware(&second, "B");

    let refused = output(&second, &["run"]).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(78), "a service manager must not try again: {said}");
    assert!(said.contains("copy of m") && said.lines().count() == 1, "{said}");
    assert_eq!(portal.state().machines["m"].polls, 0, "the copy asked nothing");

    let mut agent = start(&first);
    portal.until("the first machine", |state| (state.machines["m"].polls > 0).then_some(())).await;
    agent.kill().unwrap();
    agent.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_without_a_fingerprint_gets_one() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    let root = dir.path().join("first");
    machine(&root);
    done(&root, &["enrol", &portal.address(), &portal.token("t"), "--name", "m"]).await;
    let path = state(&root, "credential.json");
    let read = || -> serde_json::Value { serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap() };
    let (mut older, whole) = (read(), read());
    older.as_object_mut().unwrap().retain(|key, _| key != "fingerprint" && key != "agent");
    std::fs::write(&path, older.to_string()).unwrap();

    let mut agent = start(&root);
    portal.until("the machine", |state| (state.machines["m"].polls > 0).then_some(())).await;
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_eq!(read(), whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_copies_of_an_image_become_two_machines() {
    let dir = tempfile::tempdir().unwrap();
    let mut portal = Portal::start(dir.path().join("socket"));
    let image = dir.path().join("image");
    machine(&image);
    done(&image, &["enrol", &portal.address(), &portal.token("t"), "--name", "builder"]).await;
    // what ran on the builder, and what belongs to somebody else
    for folder in ["Test.Probe-1.0.0/status", "Other.Thing-1.0.0"] {
        std::fs::create_dir_all(image.join("var/lib/waagent").join(folder)).unwrap();
    }
    for (folder, file) in [("handlers", "Test.Probe.json"), ("runs", "1"), ("commands", "x")] {
        std::fs::create_dir_all(state(&image, folder)).unwrap();
        std::fs::write(state(&image, folder).join(file), "{}").unwrap();
    }
    done(&image, &["generalise", &portal.token("many-t")]).await;
    done(&image, &["generalise", "many-t"]).await;
    let mut left: Vec<String> = std::fs::read_dir(state(&image, ""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["image.json", "lock"]);
    assert_eq!(std::fs::metadata(state(&image, "image.json")).unwrap().permissions().mode() & 0o777, 0o600);
    let library: Vec<_> =
        std::fs::read_dir(image.join("var/lib/waagent")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(library, ["Other.Thing-1.0.0"], "keys and handlers of the enrolment are gone");

    // the server is away when the first copy starts; the second one has an identity of its own from its system
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    copy(&image, &first);
    copy(&image, &second);
    hardware(&first, "B");
    hardware(&second, "C");
    std::fs::write(second.join("etc/machine-id"), "feedfeedfeedfeedfeedfeedfeedfeed").unwrap();
    portal.stop();
    let mut interrupted = start(&first);
    appears(&state(&first, "machine.crt")).await;
    interrupted.kill().unwrap();
    interrupted.wait().unwrap();
    assert!(state(&first, "image.json").exists(), "what it needs to try again is there");
    let key = std::fs::read(state(&first, "machine.key")).unwrap();
    portal.resume();

    let mut agents = [start(&first), start(&second)];
    let names = portal
        .until("both copies", |state| {
            let here: Vec<String> =
                state.machines.iter().filter(|(_, m)| m.polls > 0).map(|(name, _)| name.clone()).collect();
            (here.len() == 2).then_some(here)
        })
        .await;
    assert!(names.contains(&"feedfeedfeedfeedfeedfeedfeedfeed".to_owned()), "{names:?}");
    assert!(!names.contains(&IMAGE_ID.to_owned()), "no copy calls itself what the image was called: {names:?}");
    {
        let state = portal.state();
        let of = |name: &String| state.machines[name].enrolled.clone().unwrap().certificate;
        assert_ne!(of(&names[0]), of(&names[1]), "each has a key of its own");
    }
    assert_eq!(std::fs::read(state(&first, "machine.key")).unwrap(), key, "the interrupted start's key is used");
    for (agent, root) in agents.iter_mut().zip([&first, &second]) {
        agent.kill().unwrap();
        agent.wait().unwrap();
        assert!(!state(root, "image.json").exists(), "the token is not kept");
    }
    // and a copy of the copy is noticed again
    let third = dir.path().join("third");
    copy(&first, &third);
    hardware(&third, "D");
    assert_eq!(output(&third, &["run"]).await.status.code(), Some(78));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_an_interrupted_copy_takes_no_key_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut portal = Portal::start(dir.path().join("socket"));
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    machine(&first);
    let (address, token) = (portal.address(), portal.token("many-t"));
    done(&first, &["generalise", &token, "--server", &address]).await;
    portal.stop();
    let mut interrupted = start(&first);
    appears(&state(&first, "machine.crt")).await;
    interrupted.kill().unwrap();
    interrupted.wait().unwrap();
    copy(&first, &second);
    hardware(&second, "B");
    portal.resume();
    let key = std::fs::read(state(&first, "machine.key")).unwrap();
    let mut agent = start(&second);
    portal.until("the second copy", |state| state.machines.values().any(|m| m.polls > 0).then_some(())).await;
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_ne!(std::fs::read(state(&second, "machine.key")).unwrap(), key);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_image_token_is_final() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    let root = dir.path().join("first");
    machine(&root);
    let nowhere = output(&root, &["generalise", "many-t"]).await;
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("--server URL"), "{nowhere:?}");
    done(&root, &["generalise", "many-revoked", "--server", &portal.address()]).await;
    let refused = output(&root, &["run"]).await;
    assert_eq!(refused.status.code(), Some(78), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("could not enrol"), "{refused:?}");
    assert!(state(&root, "image.json").exists());
}
