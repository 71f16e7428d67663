//! `$filter` as ARM's clients send it: equalities joined by `and` (arm-api, section 2).

use std::collections::BTreeMap;

use domain::fault::Fault;

/// Equalities by the lower-case name of what is compared.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<(String, String)>);

impl Filter {
    /// The value that `name` has to have, if any.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Is `value` what is asked for under `name`, without regard to case?
    pub(super) fn matches(&self, name: &str, value: &str) -> bool {
        self.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    }

    /// Are the tags such as `tagName` and `tagValue` ask for?
    pub(super) fn has_tags(&self, tags: &BTreeMap<String, String>) -> bool {
        let Some(name) = self.get("tagname") else { return true };
        let mut own = tags.iter().filter(|(tag, _)| tag.eq_ignore_ascii_case(name));
        own.any(|(_, value)| self.get("tagvalue").is_none_or(|wanted| wanted == value))
    }
}

/// Reads a filter; none asks for everything. Error: `InvalidParameter`.
pub(super) fn read(text: Option<&str>) -> Result<Filter, Fault> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(Filter::default());
    }
    let bad =
        || Fault::invalid("$filter", "This filter is not understood. Use name eq 'value', and join several with and.");
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let (name, after) = rest.split_once(' ').ok_or_else(bad)?;
        let after = after.trim_start();
        let value = after.get(..3).filter(|eq| eq.eq_ignore_ascii_case("eq ")).map(|_| after[3..].trim_start());
        let (value, after) = quoted(value.ok_or_else(bad)?).ok_or_else(bad)?;
        found.push((name.trim_matches('\'').to_ascii_lowercase(), value));
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(Filter(found));
        }
        let joined = after.get(..4).filter(|and| and.eq_ignore_ascii_case("and ")).map(|_| after[4..].trim_start());
        rest = joined.ok_or_else(bad)?;
    }
}

/// A text in quotes ('' is a quote in it) and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (piece, after) = rest.split_once('\'')?;
        value.push_str(piece);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn equalities_are_read_and_everything_else_is_refused() {
        let filter = read(Some("resourceGroup eq 'la''b' AND resourceType eq 'A/B'")).expect("good");
        assert_eq!(filter.get("resourcegroup"), Some("la'b"));
        assert!(filter.matches("resourcetype", "a/b") && !filter.matches("resourcetype", "a/c"));
        assert!(read(Some("'virtualMachineScaleSet/id' eq '/x'")).is_ok());
        for bad in
            ["name", "name ne 'a'", "name eq a", "name eq 'a", "name eq 'a' or b eq 'c'", "name eq 'a' and", "é eq"]
        {
            assert!(read(Some(bad)).is_err(), "{bad}");
        }
    }
}
