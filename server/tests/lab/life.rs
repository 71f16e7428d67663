//! Power is real, and nothing is left behind.

use std::{fs, time::Instant};

use control::compute::Compute;

use super::harness::{TestLab, mounts_under, processes_of, wait};

#[tokio::test(flavor = "multi_thread")]
async fn it_enrols_once_and_then_runs() {
    let test = TestLab::open().await;
    let mut machine = test.start("fresh").await;
    machine.run("true");
    let console = machine.console();
    let wanted = "agent enrol\ntoken token-of-the-test for 2: unix:/run/annex/portal.sock\nagent run\n";
    assert!(console.starts_with(wanted), "{console}");
    assert_eq!(
        machine.run("ls /var/lib/annex-agent | grep -c token; tr '\\0' '\\n' < /proc/1/environ | grep -c token"),
        "0\n0"
    );
    machine.vm.enrolment_token = None;
    test.lab.stop(machine.vm.id).await.expect("stopped");
    test.lab.start(&machine.vm).await.expect("started");
    wait("it runs again", || machine.console().matches("agent run").count() == 2);
    assert_eq!(machine.console().matches("agent enrol").count(), 1);
    test.lab.stop_all().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_disk_outlives_its_power_and_goes_with_it() {
    let test = TestLab::open().await;
    let machine = test.start("disk").await;
    machine.run("echo kept > /kept; echo kept > /etc/kept; echo kept > /root/kept; echo kept > /var/lib/kept; echo 10.0.0.9 friend >> /etc/hosts; echo gone > /tmp/gone");
    // Files that only root in the machine could remove.
    machine.run(
        "mkdir -p /home/a/b && touch /home/a/b/c && chown -R 1:1 /home/a 2>/dev/null; chmod 000 /home/a/b /home/a",
    );
    test.lab.stop(machine.vm.id).await.expect("stopped");
    assert_eq!(test.lab.running().await, []);
    test.lab.start(&machine.vm).await.expect("started");
    let output = machine.run(
        "cat /kept /etc/kept /root/kept /var/lib/kept; grep -c friend /etc/hosts; ls /tmp/gone 2>&1 | grep -c 'No such'",
    );
    assert_eq!(output, "kept\nkept\nkept\nkept\n1\n1");
    test.lab.erase(machine.vm.id).await.expect("erased");
    assert_eq!(test.lab.running().await, []);
    assert_eq!(processes_of(machine.vm.id), [""; 0]);
    let rest: Vec<_> = fs::read_dir(test.folder.path().join("data/lab")).expect("lab").flatten().collect();
    assert_eq!(rest.len(), 1, "only portal/ is left: {rest:?}");
    test.lab.erase(machine.vm.id).await.expect("erasing what is not there is fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_whatever_runs_in_it() {
    let test = TestLab::open().await;
    let machine = test.start("stubborn").await;
    machine.run("setsid sh -c 'trap \"\" TERM HUP INT; while :; do sleep 1; done' > /dev/null 2>&1 & setsid sleep 1000 > /dev/null 2>&1 &");
    assert!(processes_of(machine.vm.id).len() >= 4);
    let began = Instant::now();
    test.lab.stop(machine.vm.id).await.expect("stopped");
    assert!(began.elapsed().as_secs() < 7, "{:?}", began.elapsed());
    assert_eq!(processes_of(machine.vm.id), [""; 0]);
    assert_eq!(mounts_under(test.folder.path()), [""; 0]);
    test.lab.stop(machine.vm.id).await.expect("stopping what is off is fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_times_on_and_off_leave_nothing() {
    let test = TestLab::open().await;
    let machine = test.start("cycle").await;
    test.lab.stop(machine.vm.id).await.expect("stopped");
    let namespaces = || count("/proc/sys/user/max_net_namespaces");
    let before = namespaces();
    let began = Instant::now();
    for _ in 0..20 {
        test.lab.start(&machine.vm).await.expect("started");
        assert_eq!(test.lab.running().await, [machine.vm.id]);
        test.lab.stop(machine.vm.id).await.expect("stopped");
        assert_eq!(test.lab.running().await, []);
        assert_eq!(processes_of(machine.vm.id), [""; 0]);
    }
    eprintln!("20 cycles took {:?}", began.elapsed());
    assert_eq!(mounts_under(test.folder.path()), [""; 0]);
    assert_eq!(namespaces(), before);
    for group in ["/sys/fs/cgroup", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified"] {
        assert!(!fs::exists(format!("{group}/annex-lab-{}", machine.vm.id)).expect("looked"));
    }
    test.lab.erase(machine.vm.id).await.expect("erased");
}

fn count(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_twice_at_once_makes_one_machine() {
    let test = TestLab::open().await;
    let machine = test.start("twice").await;
    test.lab.stop(machine.vm.id).await.expect("stopped");
    let (a, b) = tokio::join!(test.lab.start(&machine.vm), test.lab.start(&machine.vm));
    assert_eq!(a.expect("started"), b.expect("runs"));
    machine.run("true");
    let firsts = processes_of(machine.vm.id).iter().filter(|process| is_first(process)).count();
    assert_eq!(firsts, 1);
    test.lab.stop_all().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ending_server_leaves_no_machine_not_even_one_that_is_starting() {
    let test = TestLab::open().await;
    let machine = test.start("late").await;
    test.lab.stop(machine.vm.id).await.expect("stopped");
    let (started, stopped) = tokio::join!(test.lab.start(&machine.vm), test.lab.stop_all());
    stopped.expect("stopped");
    drop(started);
    assert_eq!(processes_of(machine.vm.id), [""; 0]);
    let refusal = test.lab.start(&machine.vm).await.expect_err("refused");
    assert!(refusal.contains("shutting down"), "{refusal}");
}

fn is_first(process: &str) -> bool {
    let line = fs::read(format!("{process}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).contains("lab-init")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_bomb_hits_its_own_ceiling() {
    let test = TestLab::open().await;
    let machine = test.start("bomb").await;
    // Bounded in number and time; the ceiling is below the number.
    machine.begin("i=0; while [ $i -lt 2300 ]; do sleep 60 > /dev/null 2>&1 & i=$((i+1)); done");
    wait("the ceiling is hit", || machine.console().contains("Cannot fork"));
    let found = processes_of(machine.vm.id).len();
    assert!(found <= 2048, "{found}");
    test.lab.stop(machine.vm.id).await.expect("stopped");
    assert_eq!(processes_of(machine.vm.id), [""; 0]);
}
