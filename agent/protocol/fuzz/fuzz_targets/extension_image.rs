//! `ExtensionImage`: any bytes are refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::{ExtensionImage, JsonDocument};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = ExtensionImage::parse_checked(data) {
        let written = value.render();
        assert!(ExtensionImage::parse_checked(&written).is_ok(), "what is written can be read");
    }
});
