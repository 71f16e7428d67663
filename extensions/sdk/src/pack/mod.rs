//! Making a handler package: a folder and a program become one zip, the same bytes for the same input.
//!
//! ```text
//! package/1.1.0/HandlerManifest.json ─┐
//! package/1.1.0/ExtensionImage.json  ─┼─ checked ──► sorted, fixed times and modes ──► Publisher.Type-1.1.0.zip
//! package/1.1.0/...                  ─┤
//! the program, as bin/<its name>     ─┘
//! ```

mod archive;
mod check;
mod elf;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A package that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256 of the zip in lower-case hexadecimal digits.
    pub sha256: String,
    /// Size of the zip.
    pub bytes: usize,
}

/// Why no package was made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The package would not be accepted.
    #[error("{0}")]
    Refused(String),
    /// The archive cannot be written.
    #[error("cannot write the archive: {0}")]
    Archive(#[from] zip::result::ZipError),
}

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The path inside the package, with `/`.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// 0755 for programs, 0644 for the rest.
    pub mode: u32,
}

/// Packs everything in `folder` and `program` (as `bin/<name>`) into `target`.
///
/// The list of architectures in `ExtensionImage.json` is set to the one `program` is made for.
///
/// # Errors
/// When the folder lacks a proper manifest or catalogue entry, the program is not an ELF file, or a file cannot be
/// read or written.
pub fn pack(folder: &Path, program: &Path, target: &Path) -> Result<Packed, PackError> {
    let bytes = read(program)?;
    let architecture = elf::architecture(&bytes)
        .ok_or_else(|| PackError::Refused(format!("{} is not an ELF program of a known kind", program.display())))?;
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut entries = vec![Entry { name: format!("bin/{name}"), bytes, mode: 0o755 }];
    collect(folder, folder, &mut entries)?;
    check::set_architecture(&mut entries, architecture)?;
    check::check(&entries)?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let zip = archive::write(&entries)?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(|source| PackError::File { path: parent.to_path_buf(), source })?;
    }
    fs::write(target, &zip).map_err(|source| PackError::File { path: target.to_path_buf(), source })?;
    Ok(Packed { path: target.to_path_buf(), sha256: hex::encode(Sha256::digest(&zip)), bytes: zip.len() })
}

fn read(path: &Path) -> Result<Vec<u8>, PackError> {
    fs::read(path).map_err(|source| PackError::File { path: path.to_path_buf(), source })
}

fn collect(root: &Path, folder: &Path, entries: &mut Vec<Entry>) -> Result<(), PackError> {
    let failed = |source| PackError::File { path: folder.to_path_buf(), source };
    for item in fs::read_dir(folder).map_err(failed)? {
        let item = item.map_err(failed)?;
        let (path, kind) = (item.path(), item.file_type().map_err(failed)?);
        if kind.is_dir() {
            collect(root, &path, entries)?;
        } else if kind.is_file() {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            entries.push(Entry { bytes: read(&path)?, name, mode: 0o644 });
        } else {
            return Err(PackError::Refused(format!("{} is neither a file nor a folder", path.display())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &Path, manifest: &str, image: &str) {
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(folder.join("HandlerManifest.json"), manifest).unwrap();
        fs::write(folder.join("ExtensionImage.json"), image).unwrap();
        fs::write(folder.join("sub/a.txt"), "a").unwrap();
    }

    const MANIFEST: &str = r#"[{"version":1.0,"handlerManifest":{"installCommand":"bin/h install","enableCommand":"bin/h enable",
        "updateCommand":"bin/h update","disableCommand":"bin/h disable","uninstallCommand":"bin/h uninstall",
        "rebootAfterInstall":false,"reportHeartbeat":false}}]"#;
    const IMAGE: &str = r#"{"publisher":"A","type":"B","version":"1.0.0","title":"T","summary":"S","description":"D",
        "category":"Other","os":["linux"],"architectures": ["any"],
        "impact":{"runsAsRoot":false,"opensPorts":[],"reboots":false,"network":"none","changes":"nothing"},
        "publicSettingsSchema":{}}"#;

    fn program(folder: &Path, machine: u8) -> PathBuf {
        let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
        bytes.resize(64, 0);
        bytes[18] = machine;
        let path = folder.join("h");
        fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn equal_input_gives_equal_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("p");
        package(&source, MANIFEST, IMAGE);
        let program = program(folder.path(), 62);
        let one = pack(&source, &program, &folder.path().join("o/1.zip")).unwrap();
        // another time stamp and another mode in the source must not matter
        fs::remove_file(source.join("sub/a.txt")).unwrap();
        fs::write(source.join("sub/a.txt"), "a").unwrap();
        let two = pack(&source, &program, &folder.path().join("o/2.zip")).unwrap();
        assert_eq!(one.sha256, two.sha256);
        let mut zip = zip::ZipArchive::new(fs::File::open(one.path).unwrap()).unwrap();
        let names: Vec<_> = zip.file_names().map(ToOwned::to_owned).collect();
        assert_eq!(names, ["ExtensionImage.json", "HandlerManifest.json", "bin/h", "sub/a.txt"]);
        assert_eq!(zip.by_name("bin/h").unwrap().unix_mode().unwrap() & 0o777, 0o755);
        let image: serde_json::Value = serde_json::from_reader(zip.by_name("ExtensionImage.json").unwrap()).unwrap();
        assert_eq!(image["architectures"], serde_json::json!(["x86_64"]));
    }

    #[test]
    fn another_processor_is_named_in_the_entry() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("p");
        package(&source, MANIFEST, IMAGE);
        let packed = pack(&source, &program(folder.path(), 183), &folder.path().join("1.zip")).unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(packed.path).unwrap()).unwrap();
        let image: serde_json::Value = serde_json::from_reader(zip.by_name("ExtensionImage.json").unwrap()).unwrap();
        assert_eq!(image["architectures"], serde_json::json!(["aarch64"]));
    }

    #[test]
    fn refuses_what_an_agent_would_refuse() {
        for (manifest, image, words) in [
            ("{}", IMAGE, "HandlerManifest.json"),
            (&MANIFEST.replace("false,", "\"false\","), IMAGE, "true or false"),
            (&MANIFEST.replace("bin/h update", "bin/x update"), IMAGE, "bin/x"),
            (&MANIFEST.replace("bin/h enable", "../h enable"), IMAGE, ".."),
            (&MANIFEST.replace("enableCommand", "enable"), IMAGE, "enableCommand"),
            (MANIFEST, "{\"architectures\":[]}", "publisher"),
            (MANIFEST, "{\"publisher\":\"a\"}", "architectures"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            package(&folder.path().join("p"), manifest, image);
            let program = program(folder.path(), 62);
            let error = pack(&folder.path().join("p"), &program, &folder.path().join("1.zip")).unwrap_err();
            assert!(error.to_string().contains(words), "{error} should speak of {words}");
        }
    }
}
