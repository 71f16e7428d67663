//! Are these settings right? Asked of the package's own JSON Schemas, for every front alike.

use domain::{
    extension::SETTINGS_LONGEST,
    extension_image::ExtensionImage,
    fault::{Fault, FaultKind},
};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::{Map, Value};

/// Checks both sections. Values of protected settings never appear in a finding.
///
/// Errors: `InvalidParameter`, one finding for each wrong setting, with target `settings.…` or `protectedSettings.…`.
pub(crate) fn check(image: &ExtensionImage, public: &Value, protected: Option<&Value>) -> Result<(), Fault> {
    let empty = Value::Object(Map::new());
    let mut findings = Vec::new();
    for (section, value) in [("settings", Some(public)), ("protectedSettings", protected)] {
        let Some(value) = value else { continue };
        if !value.is_object() {
            findings.push(Fault::invalid(section, "Settings are a JSON object: { … }."));
        } else if value.to_string().len() > SETTINGS_LONGEST {
            findings.push(Fault::invalid(
                section,
                format!(
                    "Settings have at most {SETTINGS_LONGEST} bytes. Put larger files where the machine can fetch them."
                ),
            ));
        }
    }
    misplaced(image, public, protected, &mut findings);
    if findings.is_empty() {
        section(&image.public_schema, "settings", public, &mut findings);
        match &image.protected_schema {
            Some(schema) => section(schema, "protectedSettings", protected.unwrap_or(&empty), &mut findings),
            None if protected.and_then(Value::as_object).is_some_and(|p| !p.is_empty()) => {
                findings
                    .push(Fault::invalid("protectedSettings", format!("{} takes no protected settings.", image.title)));
            }
            None => {}
        }
        exactly_one_of(image, public, protected, &mut findings);
    }
    match Fault::from_findings("Some settings are not right; see each one.", findings) {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

/// Does a schema itself make sense? Asked when a package is published.
pub(crate) fn check_schema(schema: &Value) -> Result<(), String> {
    jsonschema::validator_for(schema).map(|_| ()).map_err(|e| e.to_string())
}

/// Names that stand in the wrong section: a secret in the public one is the dangerous case.
fn misplaced(image: &ExtensionImage, public: &Value, protected: Option<&Value>, findings: &mut Vec<Fault>) {
    let knows = |schema: Option<&Value>, name: &str| schema.is_some_and(|s| s["properties"].get(name).is_some());
    let (public_schema, protected_schema) = (Some(&image.public_schema), image.protected_schema.as_ref());
    for name in public.as_object().into_iter().flat_map(Map::keys) {
        if !knows(public_schema, name) && knows(protected_schema, name) {
            let message =
                format!("{name} is a secret: give it under protected settings, where nobody can read it back.");
            findings.push(Fault::invalid(format!("settings.{name}"), message));
        }
    }
    for name in protected.and_then(Value::as_object).into_iter().flat_map(Map::keys) {
        if !knows(protected_schema, name) && knows(public_schema, name) {
            let message = format!("{name} is not a protected setting: give it under settings.");
            findings.push(Fault::invalid(format!("protectedSettings.{name}"), message));
        }
    }
}

fn section(schema: &Value, section: &str, value: &Value, findings: &mut Vec<Fault>) {
    let validator = match jsonschema::options().should_validate_formats(true).build(schema) {
        Ok(validator) => validator,
        Err(_) => {
            findings.push(
                Fault::new(
                    FaultKind::Invalid,
                    "InvalidSchema",
                    "The package's own settings schema is broken. Tell its publisher.",
                )
                .at(section),
            );
            return;
        }
    };
    for error in validator.iter_errors(value) {
        let (path, message) = word(schema, &error);
        findings.push(Fault::invalid(format!("{section}{path}"), message));
    }
}

/// A finding in words, without the value that was given (it may be a secret).
fn word(schema: &Value, error: &ValidationError<'_>) -> (String, String) {
    let mut path: String = error.instance_path().to_string().replace('/', ".");
    let message = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default().to_owned();
            path = format!("{path}.{name}");
            "This setting is required.".to_owned()
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known: Vec<&str> =
                schema["properties"].as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
            if let [only] = unexpected.as_slice() {
                path = format!("{path}.{only}");
            }
            format!("There is no setting {}. Known settings: {}.", unexpected.join(", "), known.join(", "))
        }
        ValidationErrorKind::Type { .. } => match schema.pointer(&format!("/properties{}", error.instance_path())) {
            Some(property) => format!("This must be {}.", type_word(&property["type"])),
            None => "This has the wrong type.".to_owned(),
        },
        ValidationErrorKind::Minimum { limit } => format!("This must be {limit} or more."),
        ValidationErrorKind::Maximum { limit } => format!("This must be {limit} or less."),
        ValidationErrorKind::MinLength { limit } => format!("This needs at least {limit} characters."),
        ValidationErrorKind::MaxLength { limit } => format!("This may have at most {limit} characters."),
        ValidationErrorKind::MinItems { limit } => format!("Give at least {limit}."),
        ValidationErrorKind::MaxItems { limit } => format!("Give at most {limit}."),
        ValidationErrorKind::Enum { options } => format!("Choose one of {options}."),
        ValidationErrorKind::Pattern { pattern } => format!("This must have the form {pattern}."),
        ValidationErrorKind::Format { format } => format!("This is not a valid {format}."),
        _ => error.masked().to_string(),
    };
    (path, message)
}

fn type_word(kind: &Value) -> &'static str {
    match kind.as_str() {
        Some("string") => "text",
        Some("integer") => "a whole number",
        Some("number") => "a number",
        Some("boolean") => "true or false",
        Some("array") => "a list",
        Some("object") => "an object",
        _ => "of another type",
    }
}

/// `x-annex-exactlyOneOf`: groups of names of which exactly one is given, in one of the two sections.
fn exactly_one_of(image: &ExtensionImage, public: &Value, protected: Option<&Value>, findings: &mut Vec<Fault>) {
    let groups = image.public_schema["x-annex-exactlyOneOf"].as_array().cloned().unwrap_or_default();
    for group in groups {
        let names: Vec<&str> = group.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let in_section = |section: Option<&Value>| {
            names.iter().copied().filter(|n| section.is_some_and(|s| s.get(*n).is_some())).collect::<Vec<_>>()
        };
        let (open, secret) = (in_section(Some(public)), in_section(protected));
        let first = names.first().copied().unwrap_or_default();
        match (open.as_slice(), secret.as_slice()) {
            ([_], []) | ([], [_]) => {}
            ([], []) => {
                findings.push(Fault::invalid(format!("settings.{first}"), format!("Give {}.", names.join(" or "))))
            }
            ([name, ..], [other, ..]) if name == other => findings.push(Fault::invalid(
                format!("settings.{name}"),
                format!("{name} is given twice: keep it in one section only."),
            )),
            _ => findings
                .push(Fault::invalid(format!("settings.{first}"), format!("Give only one of {}.", names.join(", ")))),
        }
    }
}
