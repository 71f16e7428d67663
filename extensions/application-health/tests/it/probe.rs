//! What is reported of an application.

use std::net::TcpListener;

use serde_json::json;

use crate::application::Application;
use crate::machine::{Machine, wait_for};

const HEALTHY: &str = r#"{"ApplicationHealthState":"Healthy"}"#;

#[test]
fn a_port_that_opens_and_closes() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    package.start(0, json!({"protocol": "tcp", "port": port}));
    let status = package.shows(0, "Healthy");
    assert_eq!(status["status"], "success");
    assert_eq!(status["formattedMessage"]["message"], "Successfully polling for application health");
    assert_eq!(
        (&status["substatus"][0]["name"], &status["substatus"][0]["status"]),
        (&json!("AppHealthStatus"), &json!("success"))
    );
    drop(listener);
    let status = package.shows(0, "Unhealthy");
    assert_eq!(
        (status["status"].as_str(), status["substatus"][0]["status"].as_str()),
        (Some("success"), Some("error"))
    );
    let _listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    package.shows(0, "Healthy");
}

#[test]
fn an_application_that_answers_over_http() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    let application =
        Application::http("200 OK", r#"{"ApplicationHealthState":"Healthy","CustomMetrics":"{\"queue\":3}"}"#);
    package.start(0, json!({"protocol": "http", "port": application.port, "requestPath": "/health?full=1"}));
    let status = package.shows(0, "Healthy");
    assert_eq!(status["substatus"][2]["name"], "CustomMetrics");
    assert_eq!(status["substatus"][2]["formattedMessage"]["message"], r#"{"queue":3}"#);
    let request = application.requests.lock().unwrap()[0].to_ascii_lowercase();
    assert!(request.starts_with("get /health?full=1 "), "{request}");
    assert!(request.contains(&format!("host: localhost:{}", application.port)), "{request}");
    assert!(request.contains("user-agent: applicationhealthextension/1.0"), "{request}");
    application.says("302 Found", HEALTHY);
    let status = package.shows(0, "Unknown");
    let parts = status["substatus"].as_array().unwrap();
    let last = parts.iter().find(|part| part["name"] == "LastProbe").unwrap();
    assert!(last["formattedMessage"]["message"].as_str().unwrap().contains("302"), "{last}");
    assert!(
        !application.requests.lock().unwrap().iter().any(|request| request.contains("elsewhere")),
        "it must not follow"
    );
    application.says("200 OK", r#"{"ApplicationHealthState":"Unhealthy"}"#);
    package.shows(0, "Unhealthy");
}

#[test]
fn an_application_that_answers_over_https() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    let application = Application::https("200 OK", HEALTHY);
    package.start(0, json!({"protocol": "https", "port": application.port, "requestPath": "health"}));
    package.shows(0, "Healthy");
}

#[test]
fn an_application_that_takes_its_time_to_start() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    let application = Application::http("503 Service Unavailable", "");
    package.start(0, json!({"protocol": "http", "port": application.port, "requestPath": "/", "gracePeriod": 600}));
    let status = package.shows(0, "Initializing");
    assert_eq!(
        (status["status"].as_str(), status["substatus"][0]["status"].as_str()),
        (Some("success"), Some("transitioning"))
    );
    application.says("200 OK", HEALTHY);
    package.shows(0, "Healthy");
}

#[test]
fn without_a_protocol_a_running_machine_is_healthy() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.start(0, json!({}));
    package.shows(0, "Healthy");
}

#[test]
fn the_heartbeat_says_that_it_lives() {
    let machine = Machine::new();
    let package = machine.unpack("1.0.0");
    package.settings(0, json!({}));
    package.must("install", 0);
    package.must("enable", 0);
    // there must be one when enable returns
    assert_eq!(package.heartbeat()["status"], "Ready");
    wait_for("the heartbeat of the probing process", || {
        (package.heartbeat()["formattedMessage"]["message"] == "polling for application health: Healthy").then_some(())
    });
}
