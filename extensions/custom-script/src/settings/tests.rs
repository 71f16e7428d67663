use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;

fn package(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("package").join(version)
}

fn check_in(version: &str, public: Value, protected: Value) -> Result<Wanted, Failure> {
    let root = package(version);
    let map = |value: Value| value.as_object().cloned().unwrap();
    let settings = Settings { public: map(public), protected: map(protected) };
    check(&Image::load(&root).unwrap(), Features::load(&root), &settings)
}

fn code(public: Value, protected: Value) -> i64 {
    let Err(failure) = check_in("1.1.0", public, protected) else { return 0 };
    failure.code
}

#[test]
fn every_rule_has_its_code() {
    let command = || json!({"commandToExecute": "true"});
    for (public, protected, expected) in [
        (command(), json!({}), 0),
        (json!({}), command(), 0),
        (json!({"script": "dHJ1ZQo="}), json!({}), 0),
        (json!({}), json!({"script": "dHJ1ZQo="}), 0),
        (json!({}), json!({}), codes::NOTHING_TO_RUN),
        (json!({"commandToExecute": " "}), json!({}), codes::NOTHING_TO_RUN),
        (command(), command(), codes::COMMAND_TWICE),
        (json!({"script": "dHJ1ZQo="}), json!({"script": "dHJ1ZQo="}), codes::SCRIPT_TWICE),
        (command(), json!({"script": "dHJ1ZQo="}), codes::COMMAND_AND_SCRIPT),
        (json!({"commandToExecute": "a", "script": "dHJ1ZQo="}), json!({}), codes::COMMAND_AND_SCRIPT),
        (
            json!({"commandToExecute": "a", "fileUris": ["https://a/b"]}),
            json!({"fileUris": ["https://a/c"]}),
            codes::FILES_TWICE,
        ),
        (command(), json!({"storageAccountName": "abc"}), codes::HALF_A_KEY),
        (command(), json!({"storageAccountKey": "c2VjcmV0"}), codes::HALF_A_KEY),
        (command(), json!({"storageAccountName": "abc", "storageAccountKey": "c2VjcmV0"}), 0),
        (command(), json!({"managedIdentity": {}}), 0),
        (command(), json!({"managedIdentity": {"clientId": "11111111-2222-3333-4444-555555555555"}}), 0),
        (
            command(),
            json!({"managedIdentity": {"clientId": "11111111-2222-3333-4444-555555555555",
                "objectId": "11111111-2222-3333-4444-555555555555"}}),
            codes::TWO_IDENTITIES,
        ),
        (command(), json!({"managedIdentity": {}, "storageAccountName": "abc"}), codes::KEY_AND_IDENTITY),
        (json!({"commandToExecute": "true", "unknown": 1}), json!({}), codes::BAD_CONFIGURATION),
        (json!({"commandToExecute": 5}), json!({}), codes::BAD_CONFIGURATION),
        (json!({"commandToExecute": "true", "timestamp": 1.5}), json!({}), codes::BAD_CONFIGURATION),
        (json!({"commandToExecute": "true", "timestamp": 4_294_967_296_u64}), json!({}), codes::BAD_CONFIGURATION),
        (json!({"commandToExecute": "true", "fileUris": ["ftp://a/b"]}), json!({}), codes::BAD_CONFIGURATION),
        (json!({"commandToExecute": "true", "storageAccountKey": "c2VjcmV0"}), json!({}), codes::BAD_CONFIGURATION),
        (command(), json!({"storageAccountName": "UPPER", "storageAccountKey": "c2VjcmV0"}), codes::BAD_CONFIGURATION),
        (command(), json!({"managedIdentity": {"clientId": "x"}}), codes::BAD_CONFIGURATION),
    ] {
        assert_eq!(code(public.clone(), protected.clone()), expected, "{public} {protected}");
    }
}

#[test]
fn a_time_limit_belongs_to_the_second_version() {
    let settings = || json!({"commandToExecute": "true", "timeoutInSeconds": 7});
    let failure = check_in("1.0.0", settings(), json!({})).err().unwrap();
    assert_eq!(failure.code, codes::BAD_CONFIGURATION);
    assert!(failure.message.contains("settings.timeoutInSeconds"), "{failure}");
    assert_eq!(check_in("1.1.0", settings(), json!({})).ok().unwrap().limit, Duration::from_secs(7));
    assert_eq!(check_in("1.1.0", json!({"commandToExecute": "a"}), json!({})).ok().unwrap().limit, LONGEST);
    for seconds in [0, 5401] {
        assert_eq!(
            code(json!({"commandToExecute": "a", "timeoutInSeconds": seconds}), json!({})),
            codes::BAD_CONFIGURATION
        );
    }
}

#[test]
fn messages_never_hold_a_secret() {
    let failure = check_in("1.1.0", json!({}), json!({"commandToExecute": ["top secret"], "x": "top secret"}));
    let message = failure.err().unwrap().message;
    assert!(message.contains("protectedSettings.x") && !message.contains("top secret"), "{message}");
}

#[test]
fn both_packages_state_what_agents_and_people_need() {
    for version in ["1.0.0", "1.1.0"] {
        let image = Image::load(&package(version)).unwrap().0;
        assert_eq!((image.handler_name().as_str(), image.version.as_str()), ("Annex.Extensions.CustomScript", version));
        assert_eq!(image.exactly_one_groups(), [["commandToExecute", "script"]]);
        let schemas = [Some(&image.public_settings_schema), image.protected_settings_schema.as_ref()];
        for property in
            schemas.into_iter().flatten().flat_map(|schema| schema["properties"].as_object().unwrap().values())
        {
            assert!(property["title"].is_string() && property["description"].is_string(), "{property}");
        }
        let manifest = std::fs::read(package(version).join("HandlerManifest.json")).unwrap();
        assert_eq!(agent_protocol::HandlerManifest::lint(&manifest).unwrap(), Vec::<String>::new());
    }
    assert_eq!(Features::load(&package("1.0.0")), Features::default());
}
