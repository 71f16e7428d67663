//! Users, passwords, keys and sudo.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::apart::is_apart;
use crate::machine::{Machine, entry, message, part};

const SECRET: &str = "correct-horse-battery-staple";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ana@example.org";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA old";

/// Whether `crypt` of this machine takes the password for the hash in `/etc/shadow`.
fn accepts(user: &str, password: &str) -> bool {
    let hash = entry("/etc/shadow", user).unwrap()[1].clone();
    let mut perl = Command::new("perl");
    perl.args(["-e", "my ($p, $h) = @ENV{'GIVEN', 'HASH'}; print crypt($p, $h) eq $h ? 'yes' : 'no'"]);
    let output = perl.env("GIVEN", password).env("HASH", hash).stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stdout).unwrap() == "yes"
}

const SUDOERS: &str = "/etc/sudoers.d/waagent";

#[test]
fn a_user_is_created_with_a_password_and_the_password_is_seen_by_nobody() {
    if !is_apart("users::a_user_is_created_with_a_password_and_the_password_is_seen_by_nobody") {
        return;
    }
    let machine = Machine::new();
    // whoever looks at the process list while the password is set, and at what the program is told
    let script = "tr '\\0' ' ' < /proc/$PPID/cmdline > $DIR/seen; echo \"$@\" >> $DIR/seen
        cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >> $DIR/seen; cat > $DIR/input; exec /usr/sbin/chpasswd \"$@\" < $DIR/input";
    machine.program("chpasswd", &script.replace("$DIR", &machine.folder.path().display().to_string()));
    fs::write("/etc/sudoers", "root ALL=(ALL:ALL) ALL").unwrap();
    let status = machine.must(0, &json!({"username": "ana", "password": SECRET, "expiration": "2027-01-31"}));
    let passwd = entry("/etc/passwd", "ana").unwrap();
    assert_eq!((passwd[5].as_str(), passwd[6].as_str()), ("/home/ana", "/bin/bash"));
    assert_eq!(fs::metadata("/home/ana").unwrap().uid().to_string(), passwd[2]);
    assert!(accepts("ana", SECRET) && !accepts("ana", "another"));
    // 2027-01-31 in days since 1970
    assert_eq!(entry("/etc/shadow", "ana").unwrap()[7], "20849");
    assert_eq!(fs::read_to_string(SUDOERS).unwrap(), "ana ALL=(ALL) ALL\n");
    assert_eq!(fs::metadata(SUDOERS).unwrap().permissions().mode() & 0o777, 0o440);
    assert_eq!(fs::read_to_string("/etc/sudoers").unwrap(), "root ALL=(ALL:ALL) ALL\n#includedir /etc/sudoers.d\n");
    assert!(
        part(&status, "User").starts_with("ana was created and expires on 2027-01-31; ana may use sudo"),
        "{status}"
    );
    assert_eq!((part(&status, "Password"), part(&status, "Keys")), ("ana has a new password", "unchanged"));
    let seen = machine.noted("seen");
    assert!(seen.contains("vm-access enable") && seen.contains("-e") && !seen.contains(SECRET), "{seen}");
    assert!(machine.noted("input").starts_with("ana:$6$"));
    assert!(!machine.log().contains(SECRET) && !status.to_string().contains(SECRET), "{}", machine.log());
    // a new password for the same user
    let status = machine.must(1, &json!({"username": "ana", "password": "another-one"}));
    assert!(accepts("ana", "another-one"));
    assert!(part(&status, "User").starts_with("ana exists already"), "{status}");
}

#[test]
fn a_key_lets_in_without_a_password() {
    if !is_apart("users::a_key_lets_in_without_a_password") {
        return;
    }
    let machine = Machine::new();
    fs::create_dir("/etc/sudoers.d").unwrap();
    fs::write(SUDOERS, "bob ALL=(ALL) NOPASSWD: ALL\nana ALL=(ALL) ALL\n").unwrap();
    let status = machine.must(0, &json!({"username": "ana", "ssh_key": KEY}));
    let file = "/home/ana/.ssh/authorized_keys";
    assert_eq!(fs::read_to_string(file).unwrap(), format!("{KEY}\n"));
    let uid: u32 = entry("/etc/passwd", "ana").unwrap()[2].parse().unwrap();
    for (path, mode) in [("/home/ana/.ssh", 0o700), (file, 0o600)] {
        let data = fs::metadata(path).unwrap();
        assert_eq!((data.uid(), data.mode() & 0o777), (uid, mode), "{path}");
    }
    assert_eq!(entry("/etc/shadow", "ana").unwrap()[1], "*", "a locked account would keep its key out");
    assert_eq!(fs::read_to_string(SUDOERS).unwrap(), "bob ALL=(ALL) NOPASSWD: ALL\nana ALL=(ALL) NOPASSWD: ALL\n");
    assert_eq!((part(&status, "Keys"), part(&status, "SshConfig")), ("ana has 1 key more", "unchanged"));
    // another key comes, then takes the place of all
    machine.must(1, &json!({"username": "ana", "ssh_key": OTHER}));
    assert_eq!(fs::read_to_string(file).unwrap(), format!("{KEY}\n{OTHER}\n"));
    machine.must(2, &json!({"username": "ana", "ssh_key": OTHER, "remove_prior_keys": true}));
    assert_eq!(fs::read_to_string(file).unwrap(), format!("{OTHER}\n"));
    // a trap of the user's is not walked into
    fs::write("/etc/precious", "precious").unwrap();
    fs::remove_file(file).unwrap();
    symlink("/etc/precious", file).unwrap();
    let status = machine.apply(3, &json!({"username": "ana", "ssh_key": KEY}));
    assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(10)));
    assert!(message(&status).contains("authorized_keys is a link"), "{status}");
    assert_eq!(fs::read_to_string("/etc/precious").unwrap(), "precious");
}

#[test]
fn a_user_goes_with_its_home_and_its_rights() {
    if !is_apart("users::a_user_goes_with_its_home_and_its_rights") {
        return;
    }
    let machine = Machine::new();
    machine.must(0, &json!({"username": "ana", "password": SECRET}));
    machine.must(1, &json!({"username": "bob", "ssh_key": KEY}));
    let status = machine.must(2, &json!({"remove_user": "ana"}));
    assert_eq!(part(&status, "User"), "ana was removed with its home; its right to use sudo is gone");
    assert_eq!((entry("/etc/passwd", "ana"), fs::exists("/home/ana").unwrap()), (None, false));
    assert_eq!(fs::read_to_string(SUDOERS).unwrap(), "bob ALL=(ALL) NOPASSWD: ALL\n");
    let status = machine.must(3, &json!({"remove_user": "ana"}));
    assert_eq!(part(&status, "User"), "ana is not on this machine");
}

#[test]
fn the_systems_own_users_and_unknown_things_are_refused() {
    if !is_apart("users::the_systems_own_users_and_unknown_things_are_refused") {
        return;
    }
    let machine = Machine::new();
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    for (number, protected, code, words) in [
        (0, json!({"username": "root", "password": SECRET}), 6, "system's own users"),
        (1, json!({"remove_user": "daemon"}), 6, "system's own users"),
        (2, json!({"username": "nobody-new", "expiration": "2027-01-31"}), 1, "No password or ssh_key is specified"),
        (3, json!({"username": "ana", "ssh_key": "hello"}), 10, "is no public key"),
        (4, json!({"username": "ana", "password": "a\nb"}), 1, "line end"),
    ] {
        let status = machine.apply(number, &protected);
        assert_eq!((status["status"].as_str(), status["code"].as_i64()), (Some("error"), Some(code)), "{status}");
        assert!(message(&status).contains(words), "{status}");
    }
    let without_new = |text: &str| {
        text.lines().filter(|line| !line.starts_with("ana:")).map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(without_new(&fs::read_to_string("/etc/shadow").unwrap()), shadow);
    machine.settings(5, &json!({"check_disk": "true"}), &json!({}));
    assert!(machine.call("enable", 5).status.success());
    assert!(message(&machine.status(5).unwrap()).contains("check_disk is not done by this extension"));
}
