//! The settings file: its values become the defaults of flags.

use std::path::Path;

use clap::{Command, error::ErrorKind};
use toml::Value;

/// The command with the file's values as defaults.
///
/// # Errors
/// The file cannot be read, is not TOML, or has a key that is no flag of any command.
pub(super) fn apply(command: Command, file: &Path) -> Result<Command, clap::Error> {
    let fail = |kind, text: String| command.clone().error(kind, text);
    let text = std::fs::read_to_string(file).map_err(|e| fail(ErrorKind::Io, format!("{}: {e}", file.display())))?;
    let table: toml::Table =
        text.parse().map_err(|e| fail(ErrorKind::InvalidValue, format!("{}: {e}", file.display())))?;
    let mut result = command.clone();
    for (key, value) in table {
        let values = texts(&value).ok_or_else(|| {
            fail(
                ErrorKind::InvalidValue,
                format!("{}: {key} must be a text, a number, true, false, or a list", file.display()),
            )
        })?;
        if !known(&command, &key) {
            return Err(fail(ErrorKind::UnknownArgument, format!("{}: there is no setting {key:?}", file.display())));
        }
        result = with_default(result, &key, &values);
    }
    Ok(result)
}

fn known(command: &Command, key: &str) -> bool {
    command.get_arguments().any(|a| a.get_long() == Some(key) && key != "config")
        || command.get_subcommands().any(|sub| known(sub, key))
}

fn with_default(command: Command, key: &str, values: &[String]) -> Command {
    let id = command.get_arguments().find(|a| a.get_long() == Some(key)).map(|a| a.get_id().clone());
    let command = match id {
        Some(id) => command.mut_arg(id, |argument| argument.default_values(values.to_vec())),
        None => command,
    };
    command.mut_subcommands(|sub| with_default(sub, key, values))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    Some(match value {
        Value::String(text) => vec![text.clone()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Boolean(flag) => vec![flag.to_string()],
        Value::Array(list) => list.iter().map(|v| texts(v)?.pop()).collect::<Option<_>>()?,
        _ => return None,
    })
}
