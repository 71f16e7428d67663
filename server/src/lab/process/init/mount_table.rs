//! `/proc/self/mountinfo` (`man 5 proc`).

use std::{ffi::OsString, fs, io, os::unix::ffi::OsStringExt, path::PathBuf};

/// One mount.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// Where.
    pub point: PathBuf,
    /// What kind of file system.
    pub kind: String,
}

impl Mount {
    /// Does it hold files of a disk (rather than of the kernel or of memory)?
    pub fn on_disk(&self) -> bool {
        let kernel_or_memory = [
            "tmpfs",
            "ramfs",
            "proc",
            "sysfs",
            "devtmpfs",
            "devpts",
            "mqueue",
            "cgroup",
            "cgroup2",
            "securityfs",
            "debugfs",
            "tracefs",
            "pstore",
            "bpf",
            "configfs",
            "fusectl",
            "hugetlbfs",
            "autofs",
            "binfmt_misc",
            "nsfs",
            "efivarfs",
            "rpc_pipefs",
            "fuse.portal",
            "fuse.gvfsd-fuse",
        ];
        !kernel_or_memory.contains(&self.kind.as_str())
    }
}

/// All mounts that this process sees, in the order they were made.
pub(super) fn read() -> io::Result<Vec<Mount>> {
    Ok(fs::read("/proc/self/mountinfo")?.split(|byte| *byte == b'\n').filter_map(parse).collect())
}

fn parse(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let point = PathBuf::from(OsString::from_vec(unescaped(fields.nth(4)?)));
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    Some(Mount { point, kind: String::from_utf8_lossy(kind).into_owned() })
}

/// Space, tab, newline and backslash are written as three octal digits.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal =
            after.get(..3).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 8).ok());
        match (first, octal) {
            (b'\\', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_optional_fields_and_odd_names() {
        let line = br"36 35 98:0 /mnt1 /mnt/a\040b\134c rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue";
        assert_eq!(parse(line), Some(Mount { point: PathBuf::from(r"/mnt/a b\c"), kind: "ext3".into() }));
        assert!(parse(line).is_some_and(|mount| mount.on_disk()));
        assert_eq!(parse(b"36 35"), None);
        assert_eq!(parse(b""), None);
    }
}
