//! `StatusUpload`: any bytes are refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::{JsonDocument, StatusUpload};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = StatusUpload::parse(data) {
        let _ = value.body();
        let written = value.render();
        assert!(StatusUpload::parse(&written).is_ok(), "what is written can be read");
    }
});
