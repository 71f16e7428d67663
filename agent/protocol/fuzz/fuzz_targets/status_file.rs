//! `StatusFile`: any bytes are refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::StatusFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = StatusFile::parse(data) {
        let written = value.render();
        assert!(StatusFile::parse(&written).is_ok(), "what is written can be read");
    }
});
