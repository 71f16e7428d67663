//! The other processes of a machine.

use std::{collections::HashMap, fs};

use rustix::process::{Pid, Signal, getpid, kill_process};

use super::super::stat::Stat;

/// All others: in a process namespace everything that /proc shows, without one our descendants.
pub(super) fn others(bare: bool) -> Vec<Pid> {
    let own = getpid();
    let all = processes();
    let found: Vec<i32> = if bare {
        descendants(own.as_raw_pid(), &all)
    } else {
        all.into_keys().filter(|pid| *pid != own.as_raw_pid()).collect()
    };
    found.into_iter().filter_map(Pid::from_raw).collect()
}

/// Sends a signal to each; those that have ended meanwhile do not mind.
pub(super) fn signal_others(bare: bool, signal: Signal) {
    for pid in others(bare) {
        let _ = kill_process(pid, signal);
    }
}

/// Process ids and their parents.
fn processes() -> HashMap<i32, i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter_map(|pid| Some((pid, Stat::read(pid).ok()?.parent))).collect()
}

fn descendants(of: i32, parents: &HashMap<i32, i32>) -> Vec<i32> {
    let mut found = vec![of];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(pid, its)| **its == parent && **pid != of).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_found_at_any_depth() {
        let parents = HashMap::from([(1, 0), (2, 1), (3, 2), (4, 3), (5, 1), (6, 5)]);
        let mut found = descendants(2, &parents);
        found.sort_unstable();
        assert_eq!(found, [3, 4]);
    }
}
