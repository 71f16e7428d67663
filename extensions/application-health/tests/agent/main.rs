//! The packed package under the real agent's life cycle.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../custom-script/tests/agent/machine.rs"]
#[expect(dead_code, reason = "the other handler's tests need more of it")]
mod machine;

use std::net::TcpListener;
use std::path::Path;

use agent_protocol::StatusLevel;
use machine::Machine;
use serde_json::json;

#[test]
fn an_applications_health_reaches_the_report_until_removal() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("package");
    let program = env!("CARGO_BIN_EXE_application-health");
    let mut machine = Machine::new("Annex.Extensions.ApplicationHealth", &packages, program, &["1.0.0"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    machine.want("1.0.0", 0, &json!({"protocol": "tcp", "port": listener.local_addr().unwrap().port()}));
    let shows = |machine: &Machine, health: &str| {
        machine.until(health, || {
            let status = machine.status("1.0.0", 0)?;
            let is_it = status.substatus.get(1).is_some_and(|part| part.formatted_message.message == health);
            is_it.then_some(status)
        })
    };
    assert_eq!(shows(&machine, "Healthy").status, StatusLevel::Success);
    // the heartbeat speaks for the handler
    machine.until("the heartbeat's word", || {
        let message = machine.handler()?.formatted_message.message;
        message.contains("polling for application health: Healthy").then_some(())
    });
    drop(listener);
    let status = shows(&machine, "Unhealthy");
    assert_eq!((status.status, status.substatus[0].status), (StatusLevel::Success, StatusLevel::Error));
    machine.remove("1.0.0", 0);
    machine.until("the end of the handler", || machine.handler().is_none().then_some(()));
    assert!(!machine.library().join("application-health").exists());
}
