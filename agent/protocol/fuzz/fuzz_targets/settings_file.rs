//! `SettingsFile`: any bytes are refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::{JsonDocument, SettingsFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = SettingsFile::parse(data) {
        let written = value.render();
        assert!(SettingsFile::parse(&written).is_ok(), "what is written can be read");
    }
});
