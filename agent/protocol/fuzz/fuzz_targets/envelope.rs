//! Opening an envelope: any bytes are refused, except those that were sealed.
#![no_main]

use std::sync::OnceLock;

use agent_protocol::Timestamp;
use agent_protocol::envelope::{MachineKey, check_certificate, open};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    static KEY: OnceLock<MachineKey> = OnceLock::new();
    let key = KEY.get_or_init(|| MachineKey::generate(Timestamp::from_unix_ms(0x1a0_0000_0000)).expect("a key"));
    let _ = open(&key.key_pem, data);
    let _ = check_certificate(data);
});
