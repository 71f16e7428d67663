//! `HandlerState` and `HandlerStatus`: for whoever looks on the machine itself, and for an agent that takes over.

use std::fs;

use super::shared::Shared;
use crate::handler::places::replace_file;
use crate::handler::record::Record;

impl Shared {
    /// Brings the two files of every version up to date. The record is the truth; these are copies, and a failure to
    /// write them stops nothing.
    pub fn write_state_files(&self, record: &Record) {
        let status = self.reporter().handler(record).into_iter().next().map(|mut status| {
            status.runtime_settings_status = None;
            agent_protocol::json::render(&status)
        });
        for (version, found) in &record.versions {
            let config = self.places.home(&record.handler, version).config();
            let state = format!("{:?}", found.state).into_bytes();
            for (file, content) in [("HandlerState", Some(&state)), ("HandlerStatus", status.as_ref())] {
                let path = config.join(file);
                let Some(content) = content else { continue };
                if fs::read(&path).is_ok_and(|old| old == *content) {
                    continue;
                }
                if let Err(error) = replace_file(&path, content) {
                    tracing::warn!(%error, path = %path.display(), "a state file is not written");
                }
            }
        }
    }
}
