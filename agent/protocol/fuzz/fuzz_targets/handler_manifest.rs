//! `HandlerManifest`: any bytes are refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::HandlerManifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = HandlerManifest::lint(data);
    if let Ok(value) = HandlerManifest::parse(data) {
        let written = value.render();
        assert!(HandlerManifest::parse(&written).is_ok(), "what is written can be read");
    }
});
