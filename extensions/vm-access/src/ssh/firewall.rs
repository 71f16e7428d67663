//! Letting the SSH server's port through iptables.

use handler_sdk::tool;

const RULE: [&str; 6] = ["-p", "tcp", "--dport", "22", "-j", "ACCEPT"];

/// Puts a rule before all others that lets port 22 through; says so when there was none. A machine without iptables, or
/// one where it cannot be asked, is left alone: nothing says that a firewall of that kind is in the way.
#[must_use]
pub fn open_port() -> Option<String> {
    let ask = |action: &str| tool::run("iptables", &[&[action, "INPUT"], &RULE[..]].concat(), b"").ok();
    if ask("-C")?.is_good() {
        return None;
    }
    let answer = ask("-I")?;
    Some(if answer.is_good() {
        "port 22 was let through iptables".to_owned()
    } else {
        format!("port 22 could not be let through iptables: {}", answer.words())
    })
}
