//! `/etc/waagent.conf` for use outside Azure: our keys, everything else as it was.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::InstallError;
use crate::files;
use crate::layout::Layout;

/// Seconds that waagent sleeps between two questions. The relay holds each question until something changes and never
/// answers an unchanged one faster than once a second (`relay::hold`), so nothing spins. With 1, a change that comes in that
/// second would wait for it.
const GOAL_STATE_PERIOD: &str = "0";
/// The same before the first goal state was seen.
const INITIAL_GOAL_STATE_PERIOD: &str = "0";

/// What must be so outside Azure: no provisioning, no disks, no firewall, no update from a cloud that is not there.
const WANTED: [(&str, &str); 15] = [
    ("Provisioning.Agent", "disabled"),
    ("Provisioning.MonitorHostName", "n"),
    ("Provisioning.RegenerateSshHostKeyPair", "n"),
    ("Provisioning.DeleteRootPassword", "n"),
    ("ResourceDisk.Format", "n"),
    ("ResourceDisk.EnableSwap", "n"),
    ("OS.EnableRDMA", "n"),
    ("DetectScvmmEnv", "n"),
    ("OS.EnableFirewall", "n"),
    // its name up to 2.9, and from 2.10 on
    ("AutoUpdate.Enabled", "n"),
    ("AutoUpdate.UpdateToLatestVersion", "n"),
    ("Extensions.Enabled", "y"),
    ("Extensions.GoalStatePeriod", GOAL_STATE_PERIOD),
    ("Extensions.InitialGoalStatePeriod", INITIAL_GOAL_STATE_PERIOD),
    ("Logs.Collect", "n"),
];
/// No search for a server by DHCP (from 2.14 on).
const DISCOVERY: (&str, &str) = ("Protocol.EndpointDiscovery", "static");

const BEGIN: &str = "# Annex: for use outside Azure; `annex-agent uninstall` takes this away";
const END: &str = "# Annex: end";

fn wanted() -> impl Iterator<Item = (&'static str, &'static str)> {
    WANTED.into_iter().chain([DISCOVERY])
}

/// The file.
pub(super) fn path(layout: &Layout) -> PathBuf {
    layout.root.join("etc/waagent.conf")
}

/// Where the file as it was before is kept.
fn original_path(layout: &Layout) -> PathBuf {
    layout.state.join("waagent.conf.original")
}

/// Sets our keys and keeps the file as it was; true when something was changed.
pub(super) fn put(layout: &Layout) -> Result<bool, InstallError> {
    let (path, original) = (path(layout), original_path(layout));
    let text = read(&path)?;
    let edited = edited(&text);
    if edited == text {
        return Ok(false);
    }
    if !original.exists() {
        files::replace(&original, text.as_bytes()).map_err(InstallError::io("write", &original))?;
    }
    write(&path, &edited)?;
    Ok(true)
}

/// Takes our keys back; true when something was changed.
pub(super) fn take_back(layout: &Layout) -> Result<bool, InstallError> {
    let (path, kept) = (path(layout), original_path(layout));
    let original = match std::fs::read_to_string(&kept) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(InstallError::io("read", &kept)(error)),
    };
    // whoever deleted the file does not want it back
    if path.exists() {
        let text = read(&path)?;
        write(&path, &restored(&text, &original))?;
    }
    super::remove_file(&kept)?;
    Ok(true)
}

fn read(path: &Path) -> Result<String, InstallError> {
    std::fs::read_to_string(path).map_err(InstallError::io("read", path))
}

fn write(path: &Path, text: &str) -> Result<(), InstallError> {
    // a link stays a link
    let path = &path.canonicalize().map_err(InstallError::io("find", path))?;
    let mode = std::fs::metadata(path).map_or(0o644, |about| about.permissions().mode() & 0o777);
    files::replace_with_mode(path, text.as_bytes(), mode).map_err(InstallError::io("write", path))
}

/// A line that sets something: its key, its value, and the comment behind it, as the agent reads them.
fn setting(line: &str) -> Option<(&str, &str, &str)> {
    if line.starts_with('#') {
        return None;
    }
    let (key, rest) = line.split_once('=')?;
    let (value, comment) = rest.find('#').map_or((rest, ""), |at| rest.split_at(at));
    let bare = |text: &'_ str| -> std::ops::Range<usize> {
        let trimmed = text.trim_matches([' ', '\t', '"', '\'', '\r']);
        let start = trimmed.as_ptr() as usize - text.as_ptr() as usize;
        start..start + trimmed.len()
    };
    Some((&key[bare(key)], &value[bare(value)], comment))
}

fn value_of(key: &str) -> Option<&'static str> {
    wanted().find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// The text with our values: in their place where the key is set, in a part of its own at the end where it is not.
fn edited(text: &str) -> String {
    let mut missing: Vec<(&str, &str)> = wanted().collect();
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            BEGIN => inside = true,
            END => inside = false,
            _ => match setting(line).and_then(|(key, value, comment)| Some((key, value, comment, value_of(key)?))) {
                // our own part is written anew
                Some(_) if inside => {}
                Some((key, value, comment, ours)) => {
                    missing.retain(|(name, _)| *name != key);
                    let gap = if comment.is_empty() { "" } else { " " };
                    let new = format!("{key}={ours}{gap}{comment}");
                    lines.push(if value == ours { line.to_owned() } else { new });
                }
                None => lines.push(line.to_owned()),
            },
        }
    }
    if !missing.is_empty() {
        lines.push(BEGIN.to_owned());
        lines.extend(missing.iter().map(|(key, value)| format!("{key}={value}")));
        lines.push(END.to_owned());
    }
    lines.join("\n") + "\n"
}

/// The original, when nobody changed the file since; else the file with our values taken back and the rest as it is.
fn restored(text: &str, original: &str) -> String {
    if text == edited(original) {
        return original.to_owned();
    }
    let mut before: HashMap<&str, VecDeque<&str>> = HashMap::new();
    for line in original.lines() {
        if let Some((key, ..)) = setting(line) {
            before.entry(key).or_default().push_back(line);
        }
    }
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| ![BEGIN, END].contains(line)) {
        match setting(line) {
            // the value is ours, so it is not a change of whoever edited the file
            Some((key, value, _)) if value_of(key) == Some(value) => {
                lines.extend(before.get_mut(key).and_then(VecDeque::pop_front));
            }
            _ => lines.push(line),
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BEGIN, edited, restored, setting, wanted};

    const STOCK: &str = include_str!("../../tests/corpus/waagent-2.7.3-debian.conf");

    /// What the agent reads: the last line of a key counts.
    fn read(text: &str, key: &str) -> Option<String> {
        text.lines().filter_map(setting).rfind(|(name, ..)| *name == key).map(|(_, value, _)| value.to_owned())
    }

    #[test]
    fn the_stock_file_gets_our_values_and_keeps_the_rest() {
        let text = edited(STOCK);
        for (key, value) in wanted() {
            assert_eq!(read(&text, key).as_deref(), Some(value), "{key}");
        }
        assert_eq!(read(&text, "OS.SshDir").as_deref(), Some("/etc/ssh"));
        assert_eq!(read(&text, "ResourceDisk.Filesystem").as_deref(), Some("ext4"));
        for comment in STOCK.lines().filter(|line| line.starts_with('#')) {
            assert!(text.lines().any(|line| line == comment), "{comment}");
        }
        assert_eq!(edited(&text), text, "a second time changes nothing");
        assert_eq!(restored(&text, STOCK), STOCK);
    }

    #[test]
    fn what_a_person_changed_since_stays() {
        let text = edited(STOCK);
        let text =
            text.replace("Logs.Verbose=n", "Logs.Verbose=y").replace("ResourceDisk.Format=n", "ResourceDisk.Format=x");
        let text = text + "My.Own=1\n";
        let back = restored(&text, STOCK);
        assert_eq!(read(&back, "Logs.Verbose").as_deref(), Some("y"));
        assert_eq!(read(&back, "ResourceDisk.Format").as_deref(), Some("x"), "our key, but not our value any more");
        assert_eq!(read(&back, "My.Own").as_deref(), Some("1"));
        assert_eq!(read(&back, "Provisioning.Agent").as_deref(), Some("cloud-init"));
        assert_eq!(read(&back, "Protocol.EndpointDiscovery"), None);
        assert_eq!(read(&back, "OS.EnableFirewall").as_deref(), Some("n"), "it was so before");
        assert!(!back.contains(BEGIN));
    }

    #[test]
    fn comments_behind_a_value_and_settings_inside_our_part_stay() {
        let text = edited("OS.EnableFirewall=y # ours alone\nOS.EnableFirewall=\"y\"");
        assert!(text.starts_with("OS.EnableFirewall=n # ours alone\nOS.EnableFirewall=n\n"), "{text}");
        let typed_in = text.replace(BEGIN, &format!("{BEGIN}\nMine=1"));
        assert_eq!(read(&edited(&typed_in), "Mine").as_deref(), Some("1"));
    }

    proptest! {
        #[test]
        fn any_file_comes_back(lines in prop::collection::vec("(#|OS.EnableFirewall=|Logs.Collect = |x|)[a-z=# ]{0,6}", 0..12)) {
            let original = lines.join("\n");
            let text = edited(&original);
            prop_assert_eq!(edited(&text), text.clone());
            prop_assert_eq!(restored(&text, &original), original);
            for (key, value) in wanted() {
                let found = read(&text, key);
                prop_assert_eq!(found.as_deref(), Some(value));
            }
        }
    }
}
