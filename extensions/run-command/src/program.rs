//! What is run for a script: an interpreter, a file, and arguments.
//!
//! Parameters may be secrets, and a process list is readable by everybody. A shell therefore gets its positional
//! parameters by `set --` in the file that it reads; only other interpreters, which know no such thing, get arguments.

use std::path::{Path, PathBuf};

use crate::codes;
use crate::failure::Failure;

const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// What to run for a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Reads the file.
    pub interpreter: PathBuf,
    /// Stands before the file.
    pub option: Option<String>,
    /// What the interpreter reads.
    pub file: Vec<u8>,
    /// Stand behind the file; never a secret.
    pub arguments: Vec<String>,
}

/// The shell for scripts that name no interpreter.
#[must_use]
pub fn usual_shell() -> Option<&'static Path> {
    ["/bin/bash", "/bin/sh"].map(Path::new).into_iter().find(|path| path.exists())
}

impl Program {
    /// The program for `script` with positional parameters, of which `secrets` come last.
    ///
    /// # Errors
    /// When a secret would have to stand in a process list, or no shell is there.
    pub fn new(script: &[u8], positional: &[String], secrets: &[String]) -> Result<Self, Failure> {
        let (first, rest) = split_line(script);
        let Some((interpreter, option)) = shebang(first) else {
            let shell = usual_shell()
                .ok_or_else(|| Failure::new(codes::SYSTEM, "Neither /bin/bash nor /bin/sh is on this machine."))?;
            let file = [set(positional, secrets).as_bytes(), script].concat();
            return Ok(Self { interpreter: shell.to_path_buf(), option: None, file, arguments: Vec::new() });
        };
        if is_shell(&interpreter, option.as_deref()) {
            // in the place of the first line, so that the shell's line numbers are the script's
            let file = [set(positional, secrets).as_bytes(), b"\n", rest].concat();
            return Ok(Self { interpreter, option, file, arguments: Vec::new() });
        }
        if !secrets.is_empty() {
            let words = "A protected parameter without a name can only be given to a shell script: other interpreters would show it in the machine's process list. Give the parameter a name; the script finds it in its environment.";
            return Err(Failure::new(codes::SETTINGS, words));
        }
        Ok(Self { interpreter, option, file: script.to_vec(), arguments: positional.to_vec() })
    }
}

fn split_line(script: &[u8]) -> (&[u8], &[u8]) {
    match script.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&script[..end], &script[end + 1..]),
        None => (script, &[]),
    }
}

/// Interpreter and the one argument that the kernel would give it.
fn shebang(line: &[u8]) -> Option<(PathBuf, Option<String>)> {
    let line = std::str::from_utf8(line.strip_prefix(b"#!")?).ok()?.trim();
    let (interpreter, option) = line.split_once([' ', '\t']).map_or((line, ""), |(path, rest)| (path, rest.trim()));
    let option = Some(option.to_owned()).filter(|option| !option.is_empty());
    Path::new(interpreter).is_absolute().then(|| (interpreter.into(), option))
}

fn is_shell(interpreter: &Path, option: Option<&str>) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = match name(interpreter) {
        env if env == "env" => option.unwrap_or_default().to_owned(),
        other => other,
    };
    SHELLS.contains(&name.as_str())
}

/// The words that give a shell its positional parameters; nothing when there are none.
fn set(positional: &[String], secrets: &[String]) -> String {
    let quoted: Vec<String> = positional.iter().chain(secrets).map(|value| quote(value)).collect();
    if quoted.is_empty() { String::new() } else { format!("set -- {}; ", quoted.join(" ")) }
}

fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn shells_read_their_parameters_and_others_get_them() {
        let plain = Program::new(b"echo \"$1\"\n", &texts(&["a b"]), &texts(&["it's"])).unwrap();
        assert_eq!(plain.file, b"set -- 'a b' 'it'\\''s'; echo \"$1\"\n");
        assert!(plain.arguments.is_empty());
        let strict = Program::new(b"#!/bin/bash -e\necho\n", &texts(&["x"]), &[]).unwrap();
        assert_eq!((strict.interpreter.to_str(), strict.option.as_deref()), (Some("/bin/bash"), Some("-e")));
        assert_eq!(strict.file, b"set -- 'x'; \necho\n");
        let found = Program::new(b"#!/usr/bin/env bash\necho", &[], &texts(&["x"])).unwrap();
        assert_eq!((found.option.as_deref(), found.arguments.len()), (Some("bash"), 0));
        let python = Program::new(b"#!/usr/bin/env python3\nprint()\n", &texts(&["x"]), &[]).unwrap();
        assert_eq!(
            (python.file.as_slice(), python.arguments.as_slice()),
            (&b"#!/usr/bin/env python3\nprint()\n"[..], &texts(&["x"])[..])
        );
        let refused = Program::new(b"#!/usr/bin/python3\n", &[], &texts(&["secret"])).unwrap_err();
        assert!(refused.message.contains("process list") && !refused.message.contains("secret"), "{refused}");
    }

    proptest! {
        #[test]
        fn any_value_reaches_the_script_as_it_is(values in proptest::collection::vec("[^\0]{0,20}", 1..4)) {
            let folder = tempfile::tempdir().unwrap();
            let program = Program::new(b"printf '%s\\0' \"$@\"", &values, &[]).unwrap();
            let path = folder.path().join("script");
            std::fs::write(&path, &program.file).unwrap();
            let output = Command::new(&program.interpreter).arg(&path).output().unwrap();
            let expected: String = values.iter().map(|value| format!("{value}\0")).collect();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
        }
    }
}
