//! Removing what earlier runs left, once a newer one is over.

use std::fs;
use std::io;
use std::path::Path;

use super::data::ENDINGS;
use super::{Data, Handler};
use crate::environment::Environment;
use crate::log::Log;
use crate::output;
use crate::sequence::{self, Sequence};

/// Removes folders, settings files, records and output of the same instance's numbers below `sequence`; of the output,
/// the run before this one stays readable.
pub fn older_than(handler: &dyn Handler, environment: &Environment, sequence: &Sequence, log: &Log) {
    let data = Data::of(handler, environment);
    let is_older = |other: &Sequence| other.extension == sequence.extension && other.number < sequence.number;
    let home = data.home().and_then(|home| Environment::load(&home).ok());
    let config = &home.as_ref().unwrap_or(environment).config_folder;
    for old in sequence::all(config, "settings").into_iter().filter(is_older) {
        report(log, &old.file(config, "settings"), fs::remove_file);
    }
    records(&data, log, is_older);
    output::prune(environment, sequence);
}

/// Removes all records and folders of one instance, as if it had never been.
pub fn forget(data: &Data, extension: Option<&str>, log: &Log) {
    records(data, log, |sequence| sequence.extension.as_deref() == extension);
}

fn records(data: &Data, log: &Log, is_meant: impl Fn(&Sequence) -> bool) {
    for entry in fs::read_dir(data.downloads()).into_iter().flatten().flatten() {
        if entry.file_name().to_str().and_then(Sequence::parse).is_some_and(|sequence| is_meant(&sequence)) {
            report(log, &entry.path(), fs::remove_dir_all);
        }
    }
    for ending in ENDINGS {
        for sequence in sequence::all(&data.runs(), ending).into_iter().filter(&is_meant) {
            report(log, &data.run_file(&sequence, ending), fs::remove_file);
        }
    }
}

fn report<'a>(log: &Log, path: &'a Path, remove: impl Fn(&'a Path) -> io::Result<()>) {
    if let Err(error) = remove(path) {
        log.warn("not-removed", format!("{}: {error}", path.display()));
    }
}
