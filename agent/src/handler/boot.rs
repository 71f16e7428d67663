//! Telling one boot from another.

use std::fs;
use std::sync::OnceLock;

/// Differs after every restart of the machine. Inside a namespace of processes (a lab machine, a container) the kernel's
/// boot id stays the same over a restart, so the start time of its first process is part of it.
#[must_use]
pub fn boot_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(read)
}

fn read() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let first = fs::read_to_string("/proc/1/stat").unwrap_or_default();
    // Fields are counted behind the name, which is in brackets and may contain anything; the 20th there is the start.
    let started = first.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(19)).unwrap_or("?");
    format!("{}/{started}", kernel.trim())
}

#[cfg(test)]
mod tests {
    use super::boot_id;

    #[test]
    fn it_is_stable_within_a_boot() {
        assert_eq!(boot_id(), boot_id());
        assert!(boot_id().len() > 10);
    }
}
