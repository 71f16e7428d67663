//! The SSH server's configuration, with a server and an init system that note what they are asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::apart::is_apart;
use crate::machine::{Machine, message, part};

const CONFIG: &str = "/etc/ssh/sshd_config";
const FORMER: &str = "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\nChallengeResponseAuthentication yes\nMatch User bob\n  PasswordAuthentication no\n";

/// A machine with a server that refuses what holds `Broken`, and that runs.
fn machine_with_server() -> Machine {
    let machine = Machine::new();
    let folder = machine.folder.path().display().to_string();
    machine.program("sshd", &format!("echo \"sshd $1 $2\" >> {folder}/asked; if grep -q Broken \"$3\"; then echo \"$3: bad option: Broken\" >&2; exit 255; fi"));
    machine.program(
        "systemctl",
        &format!("echo \"$1 $2\" >> {folder}/asked; [ \"$2\" = ssh.service ] && ! {{ [ \"$1\" = restart ] && [ -e {folder}/stubborn ]; }}"),
    );
    machine.program("iptables", &format!("echo \"iptables $1 $2 $6\" >> {folder}/asked; [ \"$1\" != -C ]"));
    fs::create_dir_all("/run/systemd/system").unwrap();
    fs::create_dir_all("/etc/ssh/sshd_config.d").unwrap();
    fs::write(CONFIG, FORMER).unwrap();
    fs::set_permissions(CONFIG, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write("/etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication no\n").unwrap();
    machine
}

fn config() -> String {
    fs::read_to_string(CONFIG).unwrap()
}

#[test]
fn a_reset_keeps_the_former_configuration_and_a_restore_brings_it_back() {
    if !is_apart("ssh::a_reset_keeps_the_former_configuration_and_a_restore_brings_it_back") {
        return;
    }
    let machine = machine_with_server();
    let status = machine.must(0, &json!({"reset_ssh": true}));
    assert!(config().starts_with("# Written by the VMAccess extension"), "{}", config());
    assert_eq!(fs::metadata(CONFIG).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(fs::read_to_string("/var/cache/vmaccess/backup").unwrap(), FORMER);
    assert_eq!(fs::metadata("/var/cache/vmaccess").unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(
        part(&status, "SshConfig"),
        "the configuration was replaced by one that works; the former one is kept; the SSH server was restarted; port 22 was let through iptables"
    );
    let asked = machine.noted("asked");
    assert_eq!(
        asked, "sshd -t -f\nis-active ssh.service\nrestart ssh.service\niptables -C INPUT 22\niptables -I INPUT 22\n",
        "tested first, then restarted"
    );
    // a second reset does not overwrite what is kept
    fs::write(CONFIG, "Port 2222\n").unwrap();
    machine.must(1, &json!({"reset_ssh": true}));
    let status = machine.must(2, &json!({"restore_backup_ssh": true}));
    assert_eq!(config(), FORMER);
    assert!(part(&status, "SshConfig").starts_with("the former configuration was restored"), "{status}");
    assert!(!fs::exists("/var/cache/vmaccess/backup").unwrap());
    let status = machine.apply(3, &json!({"restore_backup_ssh": true}));
    assert_eq!(status["code"], 11);
    assert!(message(&status).contains("no former configuration"), "{status}");
}

#[test]
fn a_password_opens_the_way_for_passwords() {
    if !is_apart("ssh::a_password_opens_the_way_for_passwords") {
        return;
    }
    let machine = machine_with_server();
    let status = machine.must(0, &json!({"username": "ana", "password": "correct-horse-battery"}));
    let expected = FORMER.replacen("PasswordAuthentication no", "PasswordAuthentication yes", 1);
    assert_eq!(config(), expected.replace("ChallengeResponseAuthentication yes", "ChallengeResponseAuthentication no"));
    let drop_in = fs::read_to_string("/etc/ssh/sshd_config.d/50-cloud-init.conf").unwrap();
    assert_eq!(drop_in, "PasswordAuthentication yes\n");
    assert!(
        part(&status, "SshConfig").contains("sshd_config and /etc/ssh/sshd_config.d/50-cloud-init.conf was brought"),
        "{status}"
    );
    let restarts = machine.noted("asked").matches("restart").count();
    machine.must(1, &json!({"username": "ana", "password": "another-horse"}));
    assert_eq!(machine.noted("asked").matches("restart").count(), restarts, "nothing changed, nothing is restarted");
}

#[test]
fn a_configuration_that_is_refused_or_does_not_start_changes_nothing() {
    if !is_apart("ssh::a_configuration_that_is_refused_or_does_not_start_changes_nothing") {
        return;
    }
    let machine = machine_with_server();
    fs::write(machine.root.join("sshd_config"), "Broken yes\n").unwrap();
    let status = machine.apply(0, &json!({"reset_ssh": true}));
    assert_eq!(status["code"], 11);
    assert!(
        message(&status).contains("refuses the new configuration") && message(&status).contains("bad option"),
        "{status}"
    );
    assert_eq!(config(), FORMER);
    assert!(!machine.noted("asked").contains("restart"));
    fs::write(machine.root.join("sshd_config"), "Port 22\n").unwrap();
    fs::write(machine.path("stubborn"), "").unwrap();
    let status = machine.apply(1, &json!({"reset_ssh": true}));
    assert_eq!(status["code"], 11);
    assert!(message(&status).contains("the former configuration is in place again"), "{status}");
    assert_eq!(config(), FORMER);
    assert_eq!(machine.noted("asked").matches("restart").count(), 2, "with the new one, and with the former one again");
    assert_eq!(fs::read_dir("/etc/ssh").unwrap().count(), 2, "a candidate is left over");
}

#[test]
fn a_machine_without_a_server_says_so() {
    if !is_apart("ssh::a_machine_without_a_server_says_so") {
        return;
    }
    let machine = Machine::new();
    let status = machine.must(0, &json!({"reset_ssh": true}));
    assert_eq!(part(&status, "SshConfig"), "there is no SSH server on this machine, so there was nothing to reset");
    assert!(message(&status).contains("There is no SSH server on this machine"), "{status}");
    assert!(!fs::exists(CONFIG).unwrap());
}
