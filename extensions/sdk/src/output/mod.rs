//! What a script prints: straight into two files that the agent can tail while the script runs.

mod bound;

pub use bound::Bound;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::atomic;
use crate::environment::Environment;
use crate::redact::Redactor;
use crate::sequence::{self, Sequence};

/// How much of each stream a status shows, in bytes.
pub const SHOWN: usize = 4096;
/// How many generations of output stay in the output folder, the present one included.
pub const KEPT: usize = 2;

/// The two files of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Standard output, byte for byte.
    pub stdout: PathBuf,
    /// Error output, byte for byte.
    pub stderr: PathBuf,
}

impl Output {
    /// `<outputFolder>/<seq>.stdout|.stderr` where the agent offers that folder, else `stdout` and `stderr` in
    /// `fallback`.
    #[must_use]
    pub fn locate(environment: &Environment, sequence: &Sequence, fallback: &Path) -> Self {
        match &environment.output_folder {
            Some(folder) => Self { stdout: sequence.file(folder, "stdout"), stderr: sequence.file(folder, "stderr") },
            None => Self { stdout: fallback.join("stdout"), stderr: fallback.join("stderr") },
        }
    }

    /// Creates both files empty and readable by their owner only.
    ///
    /// # Errors
    /// With the path that the disk refused.
    pub fn create(&self) -> Result<Files, (PathBuf, io::Error)> {
        Ok(Files { stdout: create(&self.stdout)?, stderr: create(&self.stderr)? })
    }
}

/// The files of a run, held open: they can be read to the end even when a change of version removes their folder.
#[derive(Debug)]
pub struct Files {
    /// Standard output.
    pub stdout: File,
    /// Error output.
    pub stderr: File,
}

impl Files {
    /// The two for a command to print into, standard output first.
    ///
    /// # Errors
    /// When the process may hold no more files.
    pub fn streams(&self) -> io::Result<(File, File)> {
        Ok((self.stdout.try_clone()?, self.stderr.try_clone()?))
    }
}

fn create(path: &Path) -> Result<File, (PathBuf, io::Error)> {
    let open = || {
        path.parent().map_or(Ok(()), atomic::private_folder)?;
        // appending, so that a script that opens its own output again does not overwrite
        let file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
        file.set_len(0)?;
        Ok(file)
    };
    open().map_err(|error| (path.to_path_buf(), error))
}

/// The end of `file`, at most [`SHOWN`] bytes, without secrets.
#[must_use]
pub fn tail(file: &File, redactor: &Redactor) -> String {
    // a secret that the cut would halve must still be seen whole
    let wanted = SHOWN + redactor.longest();
    let bytes = last_bytes(file, wanted).unwrap_or_default();
    let cleaned = redactor.secrets(&String::from_utf8_lossy(&bytes)).into_owned();
    let mut start = cleaned.len().saturating_sub(SHOWN);
    while !cleaned.is_char_boundary(start) {
        start += 1;
    }
    cleaned[start..].to_owned()
}

fn last_bytes(file: &File, wanted: usize) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(wanted as u64);
    let mut bytes = vec![0; usize::try_from(length - start).unwrap_or(wanted)];
    // nobody shortens the file, so this much is there
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}

/// Removes the output of older generations from the agent's folder, but for the newest [`KEPT`].
pub fn prune(environment: &Environment, sequence: &Sequence) {
    let Some(folder) = &environment.output_folder else { return };
    for ending in ["stdout", "stderr"] {
        let mut numbers = sequence::numbers(folder, sequence.extension.as_deref(), ending);
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        for number in numbers.into_iter().skip(KEPT) {
            let old = Sequence { extension: sequence.extension.clone(), number };
            // what cannot be removed now is tried again with the next run
            let _ = fs::remove_file(old.file(folder, ending));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    fn environment(output: Option<PathBuf>) -> Environment {
        Environment {
            root: "/r".into(),
            lib: "/".into(),
            name: "n".into(),
            log_folder: "/l".into(),
            config_folder: "/c".into(),
            status_folder: "/s".into(),
            heartbeat_file: None,
            output_folder: output,
        }
    }

    #[test]
    fn files_are_where_the_agent_looks() {
        let sequence = Sequence { extension: Some("web".into()), number: 3 };
        let output = Output::locate(&environment(Some("/o".into())), &sequence, Path::new("/d"));
        assert_eq!(output.stdout, PathBuf::from("/o/web.3.stdout"));
        let output = Output::locate(&environment(None), &sequence, Path::new("/d"));
        assert_eq!(output.stderr, PathBuf::from("/d/stderr"));
    }

    #[test]
    fn only_the_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let output = Output { stdout: folder.path().join("o/1.stdout"), stderr: folder.path().join("o/1.stderr") };
        let (mut stdout, _) = output.create().unwrap().streams().unwrap();
        stdout.write_all(b"x").unwrap();
        assert_eq!(fs::metadata(&output.stdout).unwrap().permissions().mode() & 0o777, 0o600);
        output.create().unwrap();
        assert_eq!(fs::metadata(&output.stdout).unwrap().len(), 0, "a run begins with empty files");
    }

    #[test]
    fn the_tail_hides_a_secret_at_the_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.stdout");
        let secret = "a-secret-of-some-length";
        fs::write(&path, format!("{secret}{}", "x".repeat(SHOWN - 5))).unwrap();
        let file = File::open(&path).unwrap();
        let shown = tail(&file, &Redactor::new([secret.to_owned()]));
        assert!(shown.len() <= SHOWN && !shown.contains("ength"), "{}", &shown[..40]);
        fs::remove_file(&path).unwrap();
        assert_eq!(tail(&file, &Redactor::default()).len(), SHOWN, "held open, it can be read to the end");
    }

    #[test]
    fn the_newest_two_generations_stay() {
        let folder = tempfile::tempdir().unwrap();
        for number in [1, 2, 10, 11] {
            fs::write(folder.path().join(format!("{number}.stdout")), "").unwrap();
        }
        let environment = environment(Some(folder.path().to_path_buf()));
        prune(&environment, &Sequence { extension: None, number: 11 });
        let mut left = sequence::numbers(folder.path(), None, "stdout");
        left.sort_unstable();
        assert_eq!(left, [10, 11]);
    }
}
