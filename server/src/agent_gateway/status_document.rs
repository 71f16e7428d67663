//! From the wire's status document to the domain's reports.

use agent_protocol::{
    HandlerStatus, StatusDocument, StatusLevel,
    extension_status::Substatus as WireSubstatus,
    status::{GuestOsInfo, RuntimeSettingsStatus},
};
use domain::{
    generation::{Incarnation, SequenceNumber},
    status::{ExtensionResult, HandlerReport, StatusWord, Substatus},
    timestamp::Timestamp,
    vm::OsInfo,
};

/// The document in the domain's words.
pub(super) fn translate(document: StatusDocument) -> control::StatusDocument {
    let incarnation = document.incarnation().and_then(|number| i64::try_from(number).ok()).map(Incarnation::new);
    let aggregate = document.aggregate_status;
    let text = |text: String| Some(text).filter(|t| !t.is_empty());
    let hostname = document.guest_os_info.as_ref().and_then(|os| text(os.computer_name.clone()));
    control::StatusDocument {
        agent_version: text(aggregate.guest_agent_status.version),
        incarnation,
        handlers: aggregate.handler_aggregate_status.into_iter().map(|handler| report(handler, incarnation)).collect(),
        os: document.guest_os_info.and_then(system),
        hostname,
    }
}

fn report(handler: HandlerStatus, incarnation: Option<Incarnation>) -> (String, Option<String>, HandlerReport) {
    let extension = handler.runtime_settings_status.as_ref().and_then(|status| status.extension_name.clone());
    let report = HandlerReport {
        incarnation,
        version: handler.handler_version.parse().ok(),
        state: handler.status,
        code: handler.code,
        message: handler.formatted_message.message,
        result: handler.runtime_settings_status.and_then(result),
        received_at: Timestamp::default(), // the use case knows the time
    };
    (handler.handler_name, extension, report)
}

fn result(status: RuntimeSettingsStatus) -> Option<ExtensionResult> {
    let sequence = status.sequence_number.and_then(|number| i64::try_from(number).ok())?;
    let said = status.settings_status?.status;
    Some(ExtensionResult {
        sequence_number: SequenceNumber::new(sequence),
        status: word(said.status),
        code: said.code,
        operation: said.operation.unwrap_or_default(),
        message: said.formatted_message.message,
        substatuses: said.substatus.into_iter().map(part).collect(),
    })
}

fn part(part: WireSubstatus) -> Substatus {
    Substatus { name: part.name, status: word(part.status), code: part.code, message: part.formatted_message.message }
}

const fn word(level: StatusLevel) -> StatusWord {
    match level {
        StatusLevel::Transitioning => StatusWord::Transitioning,
        StatusLevel::Warning => StatusWord::Warning,
        StatusLevel::Error => StatusWord::Error,
        StatusLevel::Success => StatusWord::Success,
    }
}

fn system(os: GuestOsInfo) -> Option<OsInfo> {
    let pretty_name = format!("{} {}", os.os_name, os.os_version).trim().to_owned();
    (!os.os_name.is_empty()).then_some(OsInfo { id: os.os_name.to_lowercase(), version: os.os_version, pretty_name })
}
