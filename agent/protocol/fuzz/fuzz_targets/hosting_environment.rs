//! `HostingEnvironmentConfig`: any bytes are refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::HostingEnvironmentConfig;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = HostingEnvironmentConfig::parse(data) {
        let written = value.render().into_bytes();
        let again = HostingEnvironmentConfig::parse(&written).expect("what is written can be read");
        assert_eq!(again.render().into_bytes(), written);
    }
});
