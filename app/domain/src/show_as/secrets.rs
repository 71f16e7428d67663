//! What stands in the place of protected settings.

/// Words that mean something of their own in Bicep or Terraform, or that a template uses itself.
const TAKEN: [&str; 24] = [
    "machines",
    "machine",
    "vm",
    "vms",
    "extension",
    "extensions",
    "forceUpdateTag",
    "param",
    "var",
    "resource",
    "module",
    "output",
    "type",
    "func",
    "import",
    "targetScope",
    "for",
    "if",
    "in",
    "true",
    "false",
    "null",
    "source",
    "version",
];

/// `<name>`: to be replaced by whoever uses the text.
pub(super) fn placeholder(name: &str) -> String {
    format!("<{name}>")
}

/// A name for the parameter that brings each protected setting: letters, digits and underscores, each only once without
/// regard to case.
pub(super) fn parameters(protected: &[String]) -> Vec<(&str, String)> {
    let mut named: Vec<(&str, String)> = Vec::new();
    for setting in protected {
        let mut name: String = setting.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let is_taken = |name: &str| {
            TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name))
                || named.iter().any(|(_, other)| other.eq_ignore_ascii_case(name))
        };
        if is_taken(&name) || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert_str(0, "secret_");
        }
        while named.iter().any(|(_, other)| other.eq_ignore_ascii_case(&name)) {
            name.push('_');
        }
        named.push((setting, name));
    }
    named
}
