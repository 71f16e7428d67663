//! `StatusDocument`: any bytes are refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::{JsonDocument, StatusDocument};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = StatusDocument::parse_padded(data) {
        let written = value.render();
        assert!(StatusDocument::parse_padded(&written).is_ok(), "what is written can be read");
    }
});
