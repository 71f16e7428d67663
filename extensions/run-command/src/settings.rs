//! The settings of one command: what may stand in them, and what of it belongs together.

use std::collections::BTreeSet;
use std::time::Duration;

use handler_sdk::image::Image;
use handler_sdk::settings::Settings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::codes;
use crate::failure::Failure;
use crate::view::Rules;

/// What a command may take when nothing is said: the handler sets no limit of its own, and clocks want a number.
const UNLIMITED: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// Where the script is.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// In the settings.
    Inline(String),
    /// At an address, with its token.
    Address(String),
    /// In the package, in this file below `commands/`.
    Packaged(&'static str),
}

/// Settings that passed every rule.
#[derive(Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where the script is.
    pub source: Source,
    /// Named parameters: environment variables.
    pub variables: Vec<(String, String)>,
    /// Parameters without a name, in their order.
    pub positional: Vec<String>,
    /// The same from the protected settings; they come behind the others.
    pub protected_positional: Vec<String>,
    /// Who runs it; root when nobody is named.
    pub user: Option<String>,
    /// When it is ended.
    pub limit: Duration,
    /// What its outcome means for the whole.
    pub rules: Rules,
    /// Where standard output goes as well, with its token.
    pub output: Option<String>,
    /// Where error output goes as well, with its token.
    pub error: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Public {
    source: GivenSource,
    parameters: Vec<Parameter>,
    run_as_user: String,
    timeout_in_seconds: u64,
    async_execution: bool,
    treat_failure_as_deployment_failure: bool,
    output_blob_uri: String,
    error_blob_uri: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct GivenSource {
    script: String,
    script_uri: String,
    command_id: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Protected {
    run_as_password: String,
    protected_parameters: Vec<Parameter>,
    #[serde(rename = "sourceSASToken")]
    source_token: String,
    #[serde(rename = "outputBlobSASToken")]
    output_token: String,
    #[serde(rename = "errorBlobSASToken")]
    error_token: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Parameter {
    name: String,
    value: String,
}

/// What must be masked wherever it turns up: every protected value, but not the names of parameters.
#[must_use]
pub fn secrets(settings: &Settings) -> Vec<String> {
    let protected: Protected = section("protectedSettings", &settings.protected).unwrap_or_default();
    let tokens = [protected.run_as_password, protected.source_token, protected.output_token, protected.error_token];
    protected.protected_parameters.into_iter().map(|parameter| parameter.value).chain(tokens).collect()
}

/// Checks `settings` against the schemas of `image` and the rules between settings.
///
/// # Errors
/// The first rule that is broken. Empty texts count as not given.
pub fn check(image: &Image, settings: &Settings) -> Result<Wanted, Failure> {
    let problems: Vec<String> = image.check(settings).iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        let words = format!("The settings are not valid: {}. Correct them and apply them again.", problems.join("; "));
        return Err(Failure::new(codes::SETTINGS, words));
    }
    let public: Public = section("settings", &settings.public)?;
    let protected: Protected = section("protectedSettings", &settings.protected)?;
    let user = given(public.run_as_user);
    if user.is_none() && given(protected.run_as_password).is_some() {
        return refused("runAsPassword is given without runAsUser; name the user, or take the password away.");
    }
    let (mut variables, mut positional, mut protected_positional) = (Vec::new(), Vec::new(), Vec::new());
    sort(public.parameters, &mut variables, &mut positional)?;
    sort(protected.protected_parameters, &mut variables, &mut protected_positional)?;
    let mut names = BTreeSet::new();
    if let Some((twice, _)) = variables.iter().find(|(name, _)| !names.insert(name.clone())) {
        return refused(format!("The parameter {twice} is given twice; keep one of the two."));
    }
    Ok(Wanted {
        source: source(public.source, &protected.source_token)?,
        variables,
        positional,
        protected_positional,
        user,
        limit: match public.timeout_in_seconds {
            0 => UNLIMITED,
            seconds => Duration::from_secs(seconds).min(UNLIMITED),
        },
        rules: Rules { is_async: public.async_execution, failure_counts: public.treat_failure_as_deployment_failure },
        output: given(public.output_blob_uri).map(|address| with_token(&address, &protected.output_token)),
        error: given(public.error_blob_uri).map(|address| with_token(&address, &protected.error_token)),
    })
}

fn refused<T>(words: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::new(codes::SETTINGS, words))
}

fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

fn section<T: DeserializeOwned>(name: &str, settings: &Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(settings.clone())).map_err(|_| {
        // the parser's words could quote a secret
        Failure::new(codes::SETTINGS, format!("{name} hold a key or a type that this version does not know."))
    })
}

fn source(given_source: GivenSource, token: &str) -> Result<Source, Failure> {
    let GivenSource { script, script_uri, command_id } = given_source;
    match (given(script), given(script_uri), given(command_id).map(|id| id.to_ascii_lowercase()).as_deref()) {
        // that command is "run these lines"
        (Some(script), None, None | Some("runshellscript")) => Ok(Source::Inline(script)),
        (None, Some(address), None) => Ok(Source::Address(with_token(&address, token))),
        (None, None, Some("ifconfig")) => Ok(Source::Packaged("ifconfig.sh")),
        (None, None, Some("runshellscript")) => {
            refused("The command RunShellScript needs lines to run: give source.script.")
        }
        (None, None, Some(_)) => refused("source.commandId is not known here. Known are RunShellScript and ifconfig."),
        (None, None, None) => {
            refused("There is nothing to run: give source.script, source.scriptUri or source.commandId.")
        }
        _ => refused("source.script, source.scriptUri and source.commandId exclude each other; keep one of them."),
    }
}

fn with_token(address: &str, token: &str) -> String {
    let token = token.trim().trim_start_matches('?');
    match (token.is_empty(), address.contains('?')) {
        (true, _) => address.trim().to_owned(),
        (false, true) => format!("{}&{token}", address.trim()),
        (false, false) => format!("{}?{token}", address.trim()),
    }
}

fn sort(
    parameters: Vec<Parameter>,
    variables: &mut Vec<(String, String)>,
    positional: &mut Vec<String>,
) -> Result<(), Failure> {
    for Parameter { name, value } in parameters {
        if value.contains('\0') {
            return refused("The value of a parameter holds a zero byte, which no program can take.");
        }
        let is_word = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match name.trim() {
            "" => positional.push(value),
            name if is_word(name) && !name.starts_with(|first: char| first.is_ascii_digit()) => {
                variables.push((name.to_owned(), value));
            }
            name => {
                return refused(format!(
                    "A named parameter becomes an environment variable, so its name is made of letters, digits and underscores and does not begin with a digit; {name:?} is not."
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn image() -> Image {
        Image::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("package/1.0.0")).unwrap()
    }

    fn checked(public: Value, protected: Value) -> Result<Wanted, String> {
        let object = |value: Value| value.as_object().unwrap().clone();
        let settings = Settings { public: object(public), protected: object(protected) };
        check(&image(), &settings).map_err(|failure| failure.message)
    }

    #[test]
    fn parameters_are_sorted_by_their_names() {
        let public = json!({"source": {"script": "x"}, "parameters": [
            {"name": "A", "value": "1"}, {"name": "", "value": "2"}, {"value": "3"}], "timeoutInSeconds": 0});
        let protected = json!({"protectedParameters": [{"name": "B_2", "value": "4"}, {"value": "5"}]});
        let wanted = checked(public, protected).unwrap_or_else(|words| panic!("{words}"));
        let variables: Vec<_> = wanted.variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(variables, [("A", "1"), ("B_2", "4")]);
        assert_eq!((wanted.positional, wanted.protected_positional), (vec!["2".into(), "3".into()], vec!["5".into()]));
        assert_eq!(wanted.limit, UNLIMITED);
    }

    #[test]
    fn sources_exclude_each_other() {
        let of = |source: Value| checked(json!({"source": source}), json!({})).map(|wanted| wanted.source);
        assert!(matches!(of(json!({"commandId": "RunShellScript", "script": "x"})), Ok(Source::Inline(_))));
        assert!(matches!(of(json!({"commandId": "ifconfig"})), Ok(Source::Packaged("ifconfig.sh"))));
        for (source, words) in [
            (json!({}), "nothing to run"),
            (json!({"script": " "}), "nothing to run"),
            (json!({"commandId": "RunShellScript"}), "source.script: is missing"),
            (json!({"commandId": "RunPowerShellScript"}), "one of"),
            (json!({"script": "x", "scriptUri": "https://h/s.sh"}), "not allowed"),
            (json!({"script": "x", "commandId": "ifconfig"}), "source.script: is not allowed"),
            (json!({"scriptUri": "ftp://h/s.sh"}), "settings.source.scriptUri"),
            (json!({"skript": "x"}), "settings.source.skript"),
        ] {
            let message = of(source.clone()).err().unwrap_or_else(|| panic!("{source} is accepted"));
            assert!(message.contains(words), "{source}: {message}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused_without_its_value() {
        let source = json!({"script": "x"});
        for (public, protected, words) in [
            (json!({"source": source}), json!({"runAsPassword": "hunter2-hunter2"}), "without runAsUser"),
            (
                json!({"source": source, "parameters": [{"name": "a-b", "value": "v"}]}),
                json!({}),
                "environment variable",
            ),
            (
                json!({"source": source, "parameters": [{"name": "a", "value": "v"}]}),
                json!({"protectedParameters": [{"name": "a", "value": "hunter2-hunter2"}]}),
                "given twice",
            ),
            (json!({"source": source, "timeoutInSeconds": -1}), json!({}), "at least 0"),
            (json!({"source": source, "runAsPassword": "x"}), json!({}), "settings.runAsPassword"),
        ] {
            let message = checked(public, protected).err().unwrap_or_else(|| panic!("{words} is accepted"));
            assert!(message.contains(words) && !message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn tokens_join_their_addresses_and_secrets_are_values_only() {
        let protected = json!({"sourceSASToken": "?sig=aaaa", "outputBlobSASToken": "sig=bbbb",
            "protectedParameters": [{"name": "password_name", "value": "password_value"}]});
        let public = json!({"source": {"scriptUri": "https://h/s.sh"}, "outputBlobUri": "https://h/o?x=1"});
        let settings =
            Settings { public: public.as_object().unwrap().clone(), protected: protected.as_object().unwrap().clone() };
        let wanted = check(&image(), &settings).unwrap();
        assert!(matches!(wanted.source, Source::Address(address) if address == "https://h/s.sh?sig=aaaa"));
        assert_eq!(wanted.output.as_deref(), Some("https://h/o?x=1&sig=bbbb"));
        let secrets = secrets(&settings);
        assert!(secrets.contains(&"password_value".to_owned()) && !secrets.contains(&"password_name".to_owned()));
    }
}
