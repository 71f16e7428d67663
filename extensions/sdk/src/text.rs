//! Making scripts that were written on other systems fit for `/bin/sh`: without byte order mark and CRLF.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::Path;

/// How much of a file is looked at for a shebang.
const PEEK: usize = 64;
/// Larger files are no scripts and stay as they are.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// `bytes` without byte order mark and with line ends of one character.
#[must_use]
pub fn to_unix(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if !bytes.windows(2).any(|pair| pair == b"\r\n") {
        return Cow::Borrowed(bytes);
    }
    let mut unix = Vec::with_capacity(bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(index + 1) == Some(&b'\n')) {
            unix.push(*byte);
        }
    }
    Cow::Owned(unix)
}

/// Whether a file of this name and with this beginning is a script or a text.
#[must_use]
pub fn is_text(name: &str, beginning: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let beginning = &beginning[..beginning.len().min(PEEK)];
    [".sh", ".txt", ".py", ".pl"].iter().any(|ending| lower.ends_with(ending))
        || beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning).starts_with(b"#!")
}

/// Converts the file at `path` in place if it is a text; its permission bits stay. True when it changed.
///
/// # Errors
/// When the file cannot be read or written.
pub fn convert_file(path: &Path) -> io::Result<bool> {
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Ok(false);
    }
    let bytes = fs::read(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if !is_text(&name, &bytes) {
        return Ok(false);
    }
    let unix = to_unix(&bytes);
    if unix.len() == bytes.len() {
        return Ok(false);
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()) & 0o777;
    crate::atomic::write(path, &unix, mode, crate::atomic::Durability::Ordinary)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_and_line_ends_go() {
        assert_eq!(&*to_unix(b"\xef\xbb\xbf#!/bin/sh\r\necho a\r\n"), b"#!/bin/sh\necho a\n");
        assert_eq!(&*to_unix(b"a\rb\r\r\nc"), b"a\rb\r\nc", "a carriage return of its own is content");
    }

    #[test]
    fn texts_are_known_by_name_or_by_shebang() {
        assert!(is_text("A.SH", b"") && is_text("x.pl", b"") && is_text("x", b"\xef\xbb\xbf#!/bin/sh"));
        assert!(!is_text("x.bin", b"\x00\r\n") && !is_text("x", b" #!"));
    }

    #[test]
    fn files_change_in_place_and_keep_their_mode() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sh");
        fs::write(&path, "echo\r\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o500)).unwrap();
        assert!(convert_file(&path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"echo\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o500);
        assert!(!convert_file(&path).unwrap());
    }

    proptest! {
        #[test]
        fn only_marks_and_returns_before_line_feeds_are_lost(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let unix = to_unix(&bytes).into_owned();
            prop_assert!(!unix.windows(2).any(|pair| pair == b"\r\n") || bytes.windows(3).any(|three| three == b"\r\r\n"));
            let kept = |bytes: &[u8]| bytes.iter().filter(|byte| **byte != b'\r').count();
            let marked = usize::from(bytes.starts_with(BYTE_ORDER_MARK)) * 3;
            prop_assert_eq!(kept(&unix) + marked, kept(&bytes));
        }
    }
}
