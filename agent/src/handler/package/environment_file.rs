//! `HandlerEnvironment.json` and the folders it names.

use std::fs;
use std::io;
use std::path::Path;

use agent_protocol::HandlerEnvironment;
use agent_protocol::handler_environment::Folders;

use crate::handler::places::{HandlerHome, private_folder};

/// Creates the folders below `at` and writes the file there; the paths in it are those of `home`, the place where the
/// directory will be moved to.
///
/// # Errors
/// As the file system says.
pub fn furnish(at: &Path, handler: &str, home: &HandlerHome) -> io::Result<()> {
    for folder in ["config", "status", "output"] {
        private_folder(&at.join(folder))?;
    }
    fs::create_dir_all(&home.logs)?;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let folders = Folders {
        log_folder: text(&home.logs),
        config_folder: text(&home.config()),
        status_folder: text(&home.status()),
        heartbeat_file: text(&home.heartbeat()),
        output_folder: Some(text(&home.output())),
        ..Folders::default()
    };
    fs::write(at.join("HandlerEnvironment.json"), HandlerEnvironment::new(handler, folders).render())
}
