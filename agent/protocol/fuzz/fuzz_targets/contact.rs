//! `AgentContact`: any header is refused or read, and what is read can be written and read again.
#![no_main]

use agent_protocol::AgentContact;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    if let Some(said) = AgentContact::parse(data) {
        let written = said.render();
        let again = AgentContact::parse(&written).expect("what is written can be read");
        assert_eq!(again.render(), written);
    }
});
