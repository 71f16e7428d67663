//! `console.log`: what process 1 and the agent print, never longer than [`LONGEST`].

use std::{
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::FileExt,
    },
    thread,
};

/// Bytes after which the older half goes.
const LONGEST: u64 = 1 << 20;

/// One line of our own.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "[lab] {text}");
}

/// Copies what comes out of `pipe` to standard error, which is console.log, for as long as the machine runs.
pub(super) fn copy(pipe: OwnedFd) -> io::Result<()> {
    let log = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let mut pipe = File::from(pipe);
    thread::Builder::new().name("console".into()).spawn(move || {
        let mut piece = [0; 8192];
        loop {
            match pipe.read(&mut piece) {
                Ok(0) => return,
                // A full disk must not stop the machine: what cannot be written is dropped.
                Ok(length) => drop(append(&log, piece.get(..length).unwrap_or_default())),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    })?;
    Ok(())
}

/// The file was opened for appending: what other threads write at the same time is not overwritten.
fn append(mut log: &File, text: &[u8]) -> io::Result<()> {
    let length = log.metadata()?.len();
    if length > LONGEST {
        let half = usize::try_from(LONGEST / 2).map_err(io::Error::other)?;
        let mut tail = vec![0; half];
        log.read_exact_at(&mut tail, length - LONGEST / 2)?;
        let line = tail.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        log.set_len(0)?;
        log.write_all(b"[lab] older lines were dropped\n")?;
        log.write_all(tail.get(line..).unwrap_or_default())?;
    }
    log.write_all(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_its_newest_part() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("console.log");
        let log = File::options().create(true).append(true).read(true).open(&path).expect("open");
        for number in 0..200_000 {
            append(&log, format!("line {number}\n").as_bytes()).expect("append");
        }
        let text = std::fs::read_to_string(&path).expect("read");
        assert!(u64::try_from(text.len()).is_ok_and(|length| length <= LONGEST + 8192));
        assert!(text.starts_with("[lab] older lines were dropped\nline ") && text.ends_with("line 199999\n"));
    }
}
