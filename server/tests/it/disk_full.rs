//! The data folder on a real file system that is full: refused with a reason, nothing half-written, and no restart needed.

use std::{
    io::Write,
    os::fd::AsFd,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use agent::sim::Script;
use axum::http::Method;
use rustix::thread::LinkNameSpaceType;
use tower_sessions::{SessionStore, session::Id};

use crate::harness::{Answer, Browser, Program, ended, operation_of, probe_form};

/// A small file system of its own, seen only by the programs that enter its mount namespace.
struct SmallDisk {
    holder: Child,
    folder: PathBuf,
}

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(folder: &Path) -> Option<Self> {
        let script = "mount -t tmpfs -o size=12m,mode=700 annex \"$0\" && echo mounted && exec sleep 600";
        let mut holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", script])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut said = [0; 7];
        let mounted = std::io::Read::read_exact(holder.stdout.as_mut()?, &mut said).is_ok();
        let disk = Self { folder: PathBuf::from(format!("/proc/{}/root{}", holder.id(), folder.display())), holder };
        mounted.then_some(disk)
    }

    fn pid(&self) -> String {
        self.holder.id().to_string()
    }

    /// Writes until nothing more fits.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.folder.join("filler")).unwrap();
        for size in [64 * 1024, 512, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.folder.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_changes_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    Program::furnish(folder.path());
    let Some(disk) = SmallDisk::mount(&folder.path().join("data")) else {
        eprintln!("SKIPPED: this user may not mount a file system, so a full disk was not tested");
        return;
    };
    let pid = disk.pid();
    let inside = ["nsenter", "--mount", "--target", &pid];
    let port = Program::free_port();
    let mut server = Program::start(folder.path(), port, &inside);
    let owner = server.owner().await;
    let mut machine = server.machine(&owner, "alpha").await;
    let vm = machine.credential().vm_id.clone();
    let script = (0..20).fold(Script::succeed(), |script, n| script.line(format!("line {n}.")));
    machine.default_script(script.after(Duration::from_millis(1500)));
    let _machine = machine.start();
    let put = async |say: &str| owner.call(Method::POST, "/api/extensions/put", &probe_form(&vm, say)).await;
    let first = operation_of(&put("first").await.body);
    assert_eq!(ended(&owner, &first).await, "Succeeded");

    // a run is under way when the disk fills up
    let second = operation_of(&put("second").await.body);
    tokio::time::sleep(Duration::from_millis(300)).await;
    age_session(&disk, &folder.path().join("data"), &owner);
    disk.fill();
    let tag = async || owner.call(Method::POST, "/api/vms/tags", &[("id", &vm), ("tags", "full=yes")]).await;
    says_what_to_do(&tag().await);
    let page = [("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
    let page = owner.send(Method::POST, "/sign-out", &page, Vec::new()).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (503, "text/html; charset=utf-8"));
    for path in ["/", "/vms", &format!("/vms/{vm}"), &format!("/operations/{first}"), "/activity"] {
        let read = owner.get(path).await;
        assert_eq!(read.status, 200, "{path}: {}", read.text());
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(owner.get("/").await.status, 200, "still signed in and still readable");

    disk.free();
    assert_eq!(ended(&owner, &second).await, "Succeeded", "what the machine could not deliver it delivers now");
    let output = owner.get(&format!("/operations/{second}/output/{vm}.txt")).await.text();
    for n in 0..20 {
        assert_eq!(output.matches(&format!("line {n}.")).count(), 1, "line {n} in {output}");
    }
    assert!(
        !owner.get(&format!("/vms/{vm}")).await.text().contains("full=yes"),
        "nothing of the refused change is there"
    );
    let again = tag().await;
    assert_eq!(again.status, 200, "the same request, without a restart: {}", again.text());
    assert!(owner.get(&format!("/vms/{vm}")).await.text().contains("full=yes"));
    let third = put("third").await;
    assert_eq!(ended(&owner, &operation_of(&third.body)).await, "Succeeded");

    // it starts on a full disk, too, so that somebody can see what is the matter
    disk.fill();
    server.kill();
    let server = Program::start(folder.path(), port, &inside);
    assert_eq!(owner.get("/operations").await.status, 200);
    says_what_to_do(&put("fourth").await);
    disk.free();
    let fourth = put("fourth").await;
    assert_eq!(ended(&owner, &operation_of(&fourth.body)).await, "Succeeded");
    drop(server);
}

fn says_what_to_do(refused: &Answer) {
    assert_eq!(refused.status, 503, "{}", refused.text());
    let fault = refused.json();
    assert_eq!(fault["code"], "InsufficientStorage");
    let message = fault["message"].as_str().unwrap();
    assert!(message.contains("full") && message.contains("free space") && message.contains("nothing was changed"));
}

/// Makes the session look unused for a while: its next use is one that the server would note.
fn age_session(disk: &SmallDisk, data: &Path, browser: &Browser) {
    let id: Id = browser.cookie("annex_session").expect("a session").parse().unwrap();
    let namespace = std::fs::File::open(format!("/proc/{}/ns/mnt", disk.pid())).unwrap();
    let url = format!("sqlite://{}", data.join("annex.db").display());
    // SQLite follows links in paths, and the disk is reachable from outside by such a link only: go inside
    let inside = std::thread::spawn(move || {
        leave_shared_folders();
        rustix::thread::move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Mount)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = store::Store::open(&url).await.unwrap();
            let sessions = store::Sessions::new(store.clone());
            let mut record = sessions.load(&id).await.unwrap().expect("it is there");
            record.data.get_mut("known").unwrap()["touched_at"] = 0.into();
            sessions.save(&record).await.unwrap();
            store.close().await;
        });
    });
    inside.join().unwrap();
}

/// A thread may change its mounts only when it shares root and working folder with no other.
#[expect(unsafe_code, reason = "unsafe only for UnshareFlags::FILES, which is not passed")]
fn leave_shared_folders() {
    // SAFETY: the table of open files stays shared.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::FS) }.unwrap();
}
