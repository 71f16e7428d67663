//! Whatever is written is read back as the same value, with any text in it.

use agent_protocol::extensions_config::{
    BlobType, DependsOn, DependsOnExtension, ExtensionRuntimeSettings, GoalStateMetaData, RuntimeSettings, Settings,
    StatusUploadBlob,
};
use agent_protocol::status::{RuntimeSettingsStatus, SettingsStatus, SupportedFeature};
use agent_protocol::telemetry::{Parameter, TelemetryEvent};
use agent_protocol::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Text that XML can carry. A carriage return is left out of CDATA only.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~äöü€𝄞\n\r\t]{1,40}", "[<>&'\"\\]\\[!]{1,12}", "[a-z]{1,8}"]
}

fn name() -> impl Strategy<Value = String> {
    "[A-Z][a-z]{0,6}\\.[A-Z][A-Za-z.]{0,8}"
}

fn version() -> impl Strategy<Value = String> {
    "[0-9]{1,3}\\.[0-9]{1,3}(\\.[0-9]{1,3}){0,2}"
}

fn state() -> impl Strategy<Value = RequestedState> {
    prop_oneof![Just(RequestedState::Enabled), Just(RequestedState::Disabled), Just(RequestedState::Uninstall)]
}

fn runtime() -> impl Strategy<Value = RuntimeSettings> {
    (any::<u64>(), text()).prop_map(|(seq_no, text)| RuntimeSettings { seq_no, text })
}

prop_compose! {
    fn plugin()(name in name(), version in version(), state in state(), location in text(),
        failover_location in option::of(text()), additional_locations in vec(text(), 0..3), extension in option::of(text())
    ) -> Plugin {
        Plugin { name, version, state, location, failover_location, additional_locations, extension }
    }
}

prop_compose! {
    fn plugin_settings()(name in name(), version in version(), level in any::<u32>(), handler in name(),
        extension in option::of(text()), place in option::of(text()),
        settings in prop_oneof![
            Just(Settings::None),
            runtime().prop_map(Settings::Single),
            vec(("[a-z]{1,5}", state(), runtime()), 1..4).prop_map(|all| Settings::Multiple(
                all.into_iter().map(|(name, state, runtime)| ExtensionRuntimeSettings { name, state, runtime }).collect()
            )),
        ]
    ) -> PluginSettings {
        let extensions = vec![DependsOnExtension { handler, extension }];
        let depends_on = vec![DependsOn { name: place, dependency_level: level, extensions }];
        PluginSettings { name, version, depends_on, settings }
    }
}

prop_compose! {
    fn extensions_config()(incarnation in option::of(any::<u64>()), plugins in vec(plugin(), 0..4),
        plugin_settings in vec(plugin_settings(), 0..4), url in option::of(text()), page in any::<bool>(),
        meta in option::of((text(), any::<i64>(), text(), text())), required_features in vec(text(), 0..3),
        artifacts_profile_blob in option::of(text())
    ) -> ExtensionsConfig {
        let blob_type = if page { BlobType::PageBlob } else { BlobType::BlockBlob };
        ExtensionsConfig {
            incarnation, plugins, plugin_settings,
            status_upload_blob: url.map(|url| StatusUploadBlob { blob_type, url }),
            meta_data: meta.map(|(in_svd_seq_no, created_on_ticks, activity_id, correlation_id)| {
                GoalStateMetaData { in_svd_seq_no, created_on_ticks, activity_id, correlation_id }
            }),
            required_features, artifacts_profile_blob,
        }
    }
}

fn level() -> impl Strategy<Value = StatusLevel> {
    prop_oneof![
        Just(StatusLevel::Transitioning),
        Just(StatusLevel::Warning),
        Just(StatusLevel::Error),
        Just(StatusLevel::Success)
    ]
}

fn message() -> impl Strategy<Value = FormattedMessage> {
    (any::<String>(), any::<String>()).prop_map(|(lang, message)| FormattedMessage { lang, message })
}

prop_compose! {
    fn extension_status()(name in option::of(any::<String>()), operation in option::of(any::<String>()),
        configuration_applied_time in option::of(any::<String>()), status in level(), code in any::<i64>(),
        formatted_message in message(), parts in vec((any::<String>(), level(), any::<i64>(), message()), 0..3)
    ) -> ExtensionStatus {
        let substatus = parts.into_iter().map(|(name, status, code, formatted_message)| {
            Substatus { name, status, code, formatted_message }
        }).collect();
        ExtensionStatus { name, operation, configuration_applied_time, status, code, formatted_message, substatus }
    }
}

prop_compose! {
    fn status_document()(version in any::<String>(), timestamp_utc in any::<String>(),
        handlers in vec((any::<String>(), any::<String>(), any::<i64>(), option::of((option::of(any::<u64>()),
            option::of(any::<String>()), option::of(extension_status())))), 0..3),
        features in vec((any::<String>(), any::<String>()), 0..2)
    ) -> StatusDocument {
        let handler_aggregate_status = handlers.into_iter().map(|(handler_name, status, code, settings)| HandlerStatus {
            handler_name, status, code,
            runtime_settings_status: settings.map(|(sequence_number, extension_name, status)| RuntimeSettingsStatus {
                sequence_number, extension_name,
                settings_status: status.map(|status| {
                    SettingsStatus { version: 1.0, timestamp_utc: "t".into(), status }
                }),
            }),
            ..HandlerStatus::default()
        }).collect();
        StatusDocument {
            version, timestamp_utc,
            aggregate_status: AggregateStatus { handler_aggregate_status, ..AggregateStatus::default() },
            guest_os_info: None,
            supported_features: features.into_iter().map(|(key, value)| SupportedFeature { key, value }).collect(),
        }
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    let step = (any::<u8>(), any::<u8>(), option::of(any::<u64>()), option::of(any::<String>())).prop_map(
        |(name, phase, duration_ms, detail)| {
            use StepName::*;
            let names = [PickedUp, Downloaded, Verified, Disabled, Updated, Uninstalled, Installed, Enabled];
            let phases = [StepPhase::Started, StepPhase::Done, StepPhase::Failed, StepPhase::Skipped];
            let (name, phase) = (names[usize::from(name) % 8], phases[usize::from(phase) % 4]);
            Entry::Step(Step { name, phase, duration_ms, detail })
        },
    );
    let line = (any::<u8>(), any::<String>(), any::<bool>()).prop_map(|(stream, text, partial)| {
        let stream = [Stream::Stdout, Stream::Stderr, Stream::Agent][usize::from(stream) % 3];
        Entry::Line(Line { stream, text, partial })
    });
    prop_oneof![
        step,
        line,
        any::<u64>().prop_map(|max_bytes| Entry::Capped { max_bytes }),
        any::<u64>().prop_map(|lines| Entry::Dropped { lines })
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn extensions_configurations(config in extensions_config()) {
        prop_assert_eq!(ExtensionsConfig::parse(config.render().as_bytes()), Ok(config));
    }

    #[test]
    fn goal_states(incarnation in any::<u64>(), texts in vec(text(), 7)) {
        let [a, b, c, d, e, f, g] = <[String; 7]>::try_from(texts).unwrap();
        let state = GoalState {
            incarnation, container_id: a, instance_id: b, hosting_environment_config: c, shared_config: d,
            extensions_config: Some(e), certificates: Some(f), config_name: g,
        };
        prop_assert_eq!(GoalState::parse(state.render().as_bytes()), Ok(state));
    }

    #[test]
    fn certificate_files(incarnation in any::<u64>(), data in vec(any::<u8>(), 1..2000)) {
        let file = CertificateFile { incarnation, data: Some(data) };
        let xml = file.render();
        prop_assert!(xml.lines().all(|line| line.len() <= 160));
        prop_assert_eq!(CertificateFile::parse(xml.as_bytes()), Ok(file));
    }

    #[test]
    fn manifests(entries in vec((version(), vec("[!-~]{1,30}", 0..3), option::of("[0-9a-f]{64}"), option::of("[A-Za-z0-9+/]{8}")), 0..4)) {
        let versions = entries.into_iter().map(|(version, uris, sha256, signature)| {
            PublishedVersion { version, uris, sha256, signature }
        }).collect();
        let manifest = ExtensionManifest { versions, internal: Vec::new() };
        prop_assert_eq!(ExtensionManifest::parse(manifest.render().as_bytes()), Ok(manifest));
    }

    #[test]
    fn telemetry(events in vec((text(), text(), vec((text(), text(), text()), 0..3)), 0..3)) {
        let events = events.into_iter().map(|(provider, id, parameters)| TelemetryEvent {
            provider, id,
            parameters: parameters.into_iter().map(|(name, value, kind)| Parameter { name, value, kind }).collect(),
        }).collect();
        let data = TelemetryData { events };
        prop_assert_eq!(TelemetryData::parse(data.render().as_bytes()), Ok(data));
    }

    #[test]
    fn status_documents(document in status_document()) {
        prop_assert_eq!(StatusDocument::parse(&document.render()), Ok(document.clone()));
        let padded = [document.render(), vec![0; 100], vec![b' '; 7]].concat();
        prop_assert_eq!(StatusDocument::parse_padded(&padded), Ok(document));
    }

    #[test]
    fn status_files(status in extension_status()) {
        let file = StatusFile::new("2026-11-22T00:52:28Z", status);
        prop_assert_eq!(StatusFile::parse(&file.render()), Ok(file));
    }

    #[test]
    fn records(incarnation in any::<u64>(), handler in any::<String>(), entries in vec(entry(), 0..6), first in 0u64..1000) {
        let records = entries.into_iter().enumerate().map(|(at, entry)| Record {
            n: first + at as u64, at: Timestamp::from_unix_ms(at as i64), entry,
        }).collect();
        let key = RunKey { incarnation, handler, extension: "x".into() };
        let request = RecordsRequest { sent_at: None, runs: vec![RunRecords { key, records }] };
        prop_assert_eq!(RecordsRequest::parse(&request.render()), Ok(request));
    }

    #[test]
    fn moments(ms in -62_167_219_200_000i64..253_402_300_799_999) {
        let at = Timestamp::from_unix_ms(ms);
        prop_assert_eq!(at.to_string().parse(), Ok(at));
    }

    #[test]
    fn garbage_is_refused_or_read_but_never_fatal(bytes in vec(any::<u8>(), 0..300)) {
        let _ = ExtensionsConfig::parse(&bytes);
        let _ = GoalState::parse(&bytes);
        let _ = TelemetryData::parse(&bytes);
        let _ = StatusDocument::parse(&bytes);
        let _ = StatusFile::parse(&bytes);
        let _ = HandlerManifest::lint(&bytes);
        let _ = RecordsRequest::parse(&bytes);
    }
}
