//! `lab-erase`: removes a disk that holds files of other ids, which only exist inside a user namespace like the one that
//! wrote them. Standard input: an [`EraseSpec`]. Standard output: one [`Answer`].

use std::{fs, process::ExitCode};

use super::{
    namespaces,
    spec::{Answer, EraseSpec, read_spec, write_answer},
    step::{During, StepError},
};

/// Does it.
pub(super) fn run() -> ExitCode {
    let erased = read_spec().and_then(|spec| erase(&spec));
    write_answer(&match erased {
        Ok(()) => Answer::Up,
        Err(trouble) => Answer::Failed(trouble.to_string()),
    });
    ExitCode::SUCCESS
}

fn erase(spec: &EraseSpec) -> Result<(), StepError> {
    if spec.method.user_namespace() {
        namespaces::enter_user(spec.method)?;
    }
    fs::remove_dir_all(&spec.folder).during("removing the disk")
}
