//! Named commands come and go while the package stays.
//!
//! An agent runs `disable` for a name when that command is deleted, and before every change of version. A deleted
//! command may be made anew under its old name, and its numbers begin at 0 again. What tells the cases apart:
//!
//! ```text
//! deletion     disable(name)    the agent removes the name's settings and status      a later enable: runs
//! update       disable(name)    update ── takes the mark away                         enable: same number, nothing
//! stop         disable(name)    the name's status stays                               enable: same number, nothing
//!              └ marks
//! ```

use std::fs;
use std::path::PathBuf;

use handler_sdk::environment::Environment;
use handler_sdk::log::Log;
use handler_sdk::runs::{self, Data, Handler as _};
use handler_sdk::sequence::{self, Sequence};
use handler_sdk::status::StatusFile;
use handler_sdk::{atomic, exit, moving};

use crate::view::RunCommand;

const MARK: &str = "disabled";

fn mark(data: &Data, extension: Option<&str>) -> PathBuf {
    data.runs().join(format!("{}.{MARK}", extension.unwrap_or_default()))
}

/// Ends the run of one name.
#[must_use]
pub fn disable(environment: &Environment, sequence: &Sequence, log: &Log) -> u8 {
    let data = Data::of(&RunCommand, environment);
    moving::clear(data.root());
    let of_this_name = |other: &Sequence| other.extension == sequence.extension;
    runs::stop_where(&RunCommand, environment, "the command was deleted or disabled", log, of_this_name);
    let marked = data.prepare().and_then(|()| {
        let file = mark(&data, sequence.extension.as_deref());
        atomic::write(&file, b"", 0o600, atomic::Durability::Ordinary)
    });
    if let Err(error) = marked {
        log.error("disable-failed", error);
        return exit::FAILED;
    }
    log.info("disabled", "");
    exit::OK
}

/// Called by `update`: what was disabled was so for the change of version only.
pub fn version_changes(environment: &Environment) {
    let data = Data::of(&RunCommand, environment);
    for name in marked(&data) {
        // when it stays, the status that the agent carries along still tells that nothing is new
        let _ = fs::remove_file(mark(&data, name.as_deref()));
    }
}

/// Called by `enable` first: a name that was deleted and made anew begins without memories, and so does every other
/// name that was deleted.
pub fn renew(environment: &Environment, sequence: &Sequence, log: &Log) {
    let data = Data::of(&RunCommand, environment);
    for name in marked(&data) {
        let is_this = name == sequence.extension;
        let is_gone = if is_this {
            // agents put a placeholder there before they call; only a status of ours says that the run is an old one
            !RunCommand.is_final(&StatusFile::new(environment, sequence, RunCommand.name()))
        } else {
            sequence::numbers(&environment.config_folder, name.as_deref(), "settings").is_empty()
        };
        if is_gone {
            log.info("forgotten", name.as_deref().unwrap_or_default());
            runs::forget(&data, name.as_deref(), log);
            if let Err(error) = (Sequence { extension: name.clone(), number: 0 }).forget(&environment.root) {
                log.warn("number-not-forgotten", error);
            }
        }
        if is_gone || is_this {
            // if it stays, the same question is asked again next time
            let _ = fs::remove_file(mark(&data, name.as_deref()));
        }
    }
}

/// The names that were disabled; `None` for the instance without one.
fn marked(data: &Data) -> Vec<Option<String>> {
    let name = |entry: fs::DirEntry| {
        let file = entry.file_name().into_string().ok()?;
        let name = file.strip_suffix(MARK)?.strip_suffix('.')?.to_owned();
        Some(Some(name).filter(|name| !name.is_empty()))
    };
    fs::read_dir(data.runs()).into_iter().flatten().flatten().filter_map(name).collect()
}
