//! Text for a POSIX shell.

use super::{Place, request::Body};

/// One word: as it is where that is safe, else in single quotes.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { quoted(text) }
}

/// One word in single quotes, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The inside of double quotes where nothing is to be expanded.
pub(super) fn in_double(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

/// The body of a request as one word; `None` when nothing is sent.
pub(super) fn body(body: &Body, pretty: bool) -> Option<String> {
    match body {
        Body::None => None,
        Body::NewTag => Some(r#"'{"properties":{"forceUpdateTag":"'"$(date +%s%N)"'"}}'"#.to_owned()),
        Body::Json(value) if pretty => Some(quoted(&format!("{value:#}"))),
        Body::Json(value) => Some(quoted(&value.to_string())),
    }
}

/// A machine in a command: how it stands as a word, and inside of double quotes.
pub(super) struct Target<'a> {
    pub(super) group: &'a str,
    /// As a word.
    pub(super) word: String,
    /// Inside of double quotes.
    pub(super) inside: String,
}

/// `command` for every machine: alone, or in one loop for each resource group.
pub(super) fn for_each(place: &Place, command: impl Fn(&Target<'_>) -> String) -> String {
    let mut blocks = Vec::new();
    for (group, names) in place.groups() {
        blocks.push(match names.as_slice() {
            [name] => command(&Target { group, word: word(name), inside: in_double(name) }),
            names => {
                let list: Vec<String> = names.iter().map(|name| word(name)).collect();
                let one = Target { group, word: "\"$vm\"".to_owned(), inside: "$vm".to_owned() };
                // not indented: a line break inside of quotes is part of the value
                format!("for vm in {}; do\n{}\ndone", list.join(" "), command(&one))
            }
        });
    }
    blocks.join("\n")
}
