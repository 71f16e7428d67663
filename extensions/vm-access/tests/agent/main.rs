//! The packed package under the real agent's life cycle, on a machine whose accounts are the test's own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../it/apart.rs"]
mod apart;
#[path = "../../../custom-script/tests/agent/machine.rs"]
#[expect(dead_code, reason = "the other handlers' tests need more of it")]
mod machine;

use std::fs;
use std::path::Path;

use agent::handler::{SINGLE, Wish};
use agent_protocol::StatusLevel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use machine::{Machine, instance};
use serde_json::json;

#[test]
fn a_user_from_the_first_install_to_removal() {
    if !apart::is_apart("a_user_from_the_first_install_to_removal") {
        return;
    }
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("package");
    let program = env!("CARGO_BIN_EXE_vm-access");
    let mut machine = Machine::new("Annex.Extensions.VMAccess", &packages, program, &["1.0.0"]);
    let now = agent_protocol::Timestamp::from_unix_ms(1_700_000_000_000);
    let key = agent_protocol::envelope::MachineKey::generate(now).unwrap();
    fs::create_dir_all(machine.library()).unwrap();
    fs::write(machine.library().join(format!("{}.prv", key.thumbprint())), &*key.key_pem).unwrap();
    let mut want = |sequence: u64, protected: serde_json::Value| {
        let sealed = agent_protocol::envelope::seal(&key.certificate_der, protected.to_string().as_bytes()).unwrap();
        let settings = json!({"runtimeSettings": [{"handlerSettings": {"publicSettings": {},
            "protectedSettings": STANDARD.encode(sealed), "protectedSettingsCertThumbprint": key.thumbprint()}}]});
        let mut wanted = instance(SINGLE, sequence, &json!({}));
        wanted.settings = Some(settings.to_string());
        machine.apply_all("1.0.0", Wish::Enabled, vec![wanted]);
        machine.outcome("1.0.0", sequence)
    };
    let is_user = |name: &str| fs::read_to_string("/etc/passwd").unwrap().contains(&format!("\n{name}:"));
    let status = want(0, json!({"username": "ana", "password": "correct-horse-battery"}));
    assert_eq!(status.status, StatusLevel::Success, "{status:?}");
    assert!(is_user("ana") && fs::exists("/home/ana").unwrap());
    let names: Vec<_> = status.substatus.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["User", "Password", "Keys", "SshConfig"]);
    let status = want(1, json!({"username": "daemon", "password": "correct-horse-battery"}));
    assert_eq!((status.status, status.code), (StatusLevel::Error, 6));
    assert_eq!(want(2, json!({"remove_user": "ana"})).status, StatusLevel::Success);
    assert!(!is_user("ana"));
    machine.remove("1.0.0", 2);
    machine.until("the end of the handler", || machine.handler().is_none().then_some(()));
}
