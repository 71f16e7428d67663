//! Machines are apart from the host and from each other.

use std::{
    fs,
    process::{Command, Stdio},
};

use control::compute::Compute;

use super::harness::{TestLab, wait};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_script_does_stays_in_its_machine() {
    let test = TestLab::open().await;
    assert!(test.lab.isolation().isolated, "{}", test.lab.isolation().explanation);
    let (one, two) = (test.start("one").await, test.start("two").await);
    let passwd = fs::read("/etc/passwd").expect("passwd");
    let mut bystander = Command::new("sleep")
        .arg("600")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process of the host");

    // A user, a file in /etc, and another host name than the host's.
    let made = one.run("useradd --no-create-home lab-test-user && id -u lab-test-user && echo hello > /etc/lab-test && cat /etc/lab-test");
    assert!(made.ends_with("hello") && made.lines().count() == 2, "{made}");
    assert_eq!(one.run("hostname; cat /etc/hostname; uname -n"), "one\none\none");
    assert_eq!(two.run("hostname; getent hosts two | awk '{print $1}'; wc -c < /etc/machine-id"), "two\n127.0.1.1\n33");
    assert!(two.run("id lab-test-user; cat /etc/lab-test").contains("no such user"));
    assert_eq!(fs::read("/etc/passwd").expect("passwd"), passwd);
    assert!(!fs::exists("/etc/lab-test").expect("looked"));
    assert_ne!(fs::read_to_string("/proc/sys/kernel/hostname").expect("name").trim(), "one");

    // It sees its own processes only: init, the agent and this.
    let seen = one.run("ls /proc | grep -c '^[0-9]'; cat /proc/1/cmdline | tr '\\0' ' '");
    let (count, first) = seen.split_once('\n').expect("two lines");
    assert!(count.parse::<u32>().is_ok_and(|count| count < 10), "{seen}");
    assert!(first.contains("lab-init"), "{seen}");

    // It ends all it sees, and more than that: neighbours and host do not notice, and its agent comes back.
    let before = one.console().matches("agent run").count();
    one.begin("for pid in $(ls /proc | grep '^[0-9]'); do [ $pid = $$ ] || kill -TERM $pid; done; kill -KILL 1; kill -KILL -1; kill -KILL $$");
    wait("the agent is started again", || one.console().matches("agent run").count() > before);
    assert_eq!(one.run("echo alive"), "alive");
    assert_eq!(two.run("echo alive"), "alive");
    assert!(bystander.try_wait().expect("looked").is_none(), "the host's process was ended");
    bystander.kill().and_then(|()| bystander.wait()).expect("ended by the test");

    test.lab.stop_all().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_is_its_own_unless_its_owner_says_otherwise() {
    let test = TestLab::open().await;
    let devices = "sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' ' | sort";
    let inside = test.start("alone").await;
    assert_eq!(inside.run(devices), "lo");
    // lo is up: a connection to a closed port is refused at once instead of finding no way.
    let refused = inside.run("cat /proc/net/route | wc -l; cat /proc/net/fib_trie | grep -c 127.0.0.1");
    assert!(refused.starts_with('1') && !refused.ends_with("\n0"), "{refused}");
    assert!(inside.run("ls /run/annex; cat /etc/resolv.conf").contains("no network"));

    let outside = test.start_with("open", true).await;
    let host = Command::new("sh").args(["-c", devices]).output().expect("ran");
    assert_eq!(outside.run(devices), String::from_utf8_lossy(&host.stdout).trim());
    assert_eq!(outside.run("hostname"), "open");
    let words = test.lab.start(&outside.vm).await.expect("runs");
    assert!(words.contains("shares this host's network"), "{words}");
    test.lab.stop_all().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portals_own_files_are_not_there() {
    let test = TestLab::open().await;
    let (one, two) = (test.start("one").await, test.start("two").await);
    let data = test.folder.path().join("data");
    fs::write(data.join("key"), "secret").expect("written");
    assert_eq!(one.run(&format!("cat {0}/key 2>/dev/null; ls -A {0} 2>/dev/null", data.display())), "");
    assert_eq!(one.run(&format!("find / -xdev -name {} 2>/dev/null", two.vm.id)), "");
    let homes = one.run("ls -A /home /srv /mnt /media 2>/dev/null | grep -v : | tr -d '\\n'; ls /run");
    assert_eq!(homes, "annex\nlock");
    // Not by the back door either: old roots, devices, mounting, the booting program.
    let doors = one.run(
        "umount /proc/sys 2>&1; mount -t tmpfs x /mnt 2>&1; mknod /tmp/disk b 254 0 2>&1; \
         sh -c 'echo > /proc/1/exe' 2>&1; sh -c ': > /proc/sysrq-trigger' 2>&1; cat /etc/shadow | cut -d: -f2 | sort -u",
    );
    let lines: Vec<_> = doors.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(lines.last(), Some(&"*"), "{doors}");
    let refusals = ["denied", "permitted", "Read-only", "must be superuser", "busy", "nonexistent", "not mounted"];
    for line in &lines[..lines.len() - 1] {
        assert!(refusals.iter().any(|word| line.contains(word)), "{line} in\n{doors}");
    }
    assert!(lines.len() >= 4, "{doors}");
    test.lab.stop_all().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_has_what_scripts_expect() {
    let test = TestLab::open().await;
    let machine = test.start("box").await;
    let script = "id -u; echo $HOME; cd ~ && pwd; : > /dev/null; head -c 3 /dev/zero | wc -c; head -c 2 /dev/urandom | wc -c; \
        ls /dev/pts/ptmx /dev/shm -d; touch /tmp/a /var/tmp/b /run/c /root/d /home/e /dev/shm/f && echo wrote; \
        mktemp -d >/dev/null && echo temp; umask; ls -ld /tmp | cut -c1-10; echo '#!/bin/sh\necho mine' > /usr/local/bin/mine && \
        chmod +x /usr/local/bin/mine && mine; su -s /bin/sh root -c 'echo su' 2>&1; test -w /proc/sys/kernel/hostname; ulimit -c";
    let output = machine.run(script);
    // Where only root exists nobody can become anybody, not even root again.
    let output = output.replace("su: cannot set groups: Operation not permitted", "su");
    let wanted = "0\n/root\n/root\n3\n2\n/dev/pts/ptmx\n/dev/shm\nwrote\ntemp\n0022\ndrwxrwxrwt\nmine\nsu\n0";
    assert_eq!(output.replace("/dev/shm\n/dev/pts/ptmx", "/dev/pts/ptmx\n/dev/shm"), wanted);
    test.lab.stop_all().await.expect("stopped");
}
