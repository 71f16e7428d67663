//! Removing what earlier runs left, once a newer one is over.

use std::fs;
use std::path::Path;

use handler_sdk::environment::Environment;
use handler_sdk::log::Log;
use handler_sdk::output;
use handler_sdk::sequence::{self, Sequence};

use crate::data::Data;

/// Removes folders, settings files, records and output of sequence numbers below `sequence`; of the output, the run
/// before this one stays readable.
pub fn older_than(environment: &Environment, sequence: &Sequence, log: &Log) {
    let data = Data::of(environment);
    let is_older = |number: &u64| *number < sequence.number;
    for entry in fs::read_dir(data.downloads()).into_iter().flatten().flatten() {
        let number = entry.file_name().to_string_lossy().parse().ok().filter(is_older);
        if number.is_some() {
            report(log, &entry.path(), fs::remove_dir_all(entry.path()));
        }
    }
    let home = data.home().and_then(|home| Environment::load(&home).ok());
    let config = &home.as_ref().unwrap_or(environment).config_folder;
    for number in sequence::numbers(config, None, "settings").into_iter().filter(is_older) {
        remove(log, &Sequence { extension: None, number }.file(config, "settings"));
    }
    for ending in ["lease", "holder", "state", "started", "command"] {
        for number in sequence::numbers(&data.runs(), None, ending).into_iter().filter(is_older) {
            remove(log, &data.run_file(&Sequence { extension: None, number }, ending));
        }
    }
    output::prune(environment, sequence);
}

fn remove(log: &Log, path: &Path) {
    report(log, path, fs::remove_file(path));
}

fn report(log: &Log, path: &Path, outcome: std::io::Result<()>) {
    if let Err(error) = outcome {
        log.warn("not-removed", format!("{}: {error}", path.display()));
    }
}
