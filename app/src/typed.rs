//! What somebody typed into a form that was sent without scripts and refused: the page comes back with it.
//!
//! ```text
//!  form ──POST /api/…──► refused ──307 to its page──► the browser sends the same fields to the page
//!                                                      └─► rendered with them, and with the messages (`__err`)
//! ```
//! Nothing is kept on the server for it. Secrets are dropped as soon as they arrive. With scripts none of this happens:
//! the inputs simply stay as they are.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

/// Names of fields that are never shown again, and beginnings of such names.
const SECRETS: [&str; 6] = ["password", "old", "new", "repeated", "token", "form[protected]"];

/// The fields of one refused try. Empty on every page that is simply visited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// Address of the server function that refused them.
    to: String,
    fields: Vec<(String, String)>,
}

impl Typed {
    /// Fields that were sent to the server function at `to`, without the secrets among them.
    pub fn new(to: String, fields: Vec<(String, String)>) -> Self {
        let secret = |name: &str| SECRETS.iter().any(|s| name == *s || (s.contains('[') && name.starts_with(s)));
        Self { to, fields: fields.into_iter().filter(|(name, _)| !secret(name)).collect() }
    }

    /// Is there anything?
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// What was typed into a field; `None`: it was not sent.
    pub fn get(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone())
    }

    /// What was typed into a field, or else `usual`.
    pub fn text(&self, name: &str, usual: impl Into<String>) -> String {
        self.get(name).unwrap_or_else(|| usual.into())
    }

    /// Is this choice of a selection or check box the one that was sent? `usual` when nothing was.
    pub fn is_chosen(&self, name: &str, value: &str, usual: bool) -> bool {
        if self.is_empty() { usual } else { self.fields.iter().any(|(n, v)| n == name && v == value) }
    }

    /// Everything sent under a name.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.fields.iter().filter(|(n, _)| n == name).map(|(_, text)| text.clone()).collect()
    }

    /// Fields named `prefix[…]`, by what stands between the brackets.
    pub fn map(&self, prefix: &str) -> Vec<(String, String)> {
        let inside = |name: &str| Some(name.strip_prefix(prefix)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
        self.fields.iter().filter_map(|(name, text)| Some((inside(name)?, text.clone()))).collect()
    }
}

/// Makes [`typed_into`] work below this component: the server's knowledge travels with the page.
pub fn provide_typed() {
    let typed = SharedValue::new(at_the_server);
    provide_context(typed.into_inner());
}

/// What the request brought; the browser knows it from the page.
fn at_the_server() -> Typed {
    #[cfg(feature = "ssr")]
    return use_context::<crate::session::RequestScope>().map(|scope| scope.typed).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    Typed::default()
}

/// What was typed into the form of `F`, if this page is the answer to it.
pub fn typed_into<F: ServerFn>() -> Typed {
    let here = use_location().search.with_untracked(|search| search.contains("__err="));
    use_context::<Typed>().filter(|typed| here && typed.to == F::PATH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_dropped_and_the_rest_is_found() {
        let pair = |(n, v): (&str, &str)| (n.to_owned(), v.to_owned());
        let typed = Typed::new(
            "/api/x".into(),
            [
                ("name", "eve"),
                ("password", "s1"),
                ("old", "s2"),
                ("form[protected][key]", "s3"),
                ("form[settings][port]", "80"),
                ("form[targets][]", "a"),
                ("form[targets][]", "b"),
            ]
            .map(pair)
            .to_vec(),
        );
        assert!(!format!("{typed:?}").contains("\"s"), "{typed:?}");
        assert_eq!(typed.text("name", "x"), "eve");
        assert_eq!(typed.map("form[settings]"), [pair(("port", "80"))]);
        assert_eq!(typed.all("form[targets][]"), ["a", "b"]);
        assert!(typed.is_chosen("form[targets][]", "b", false) && !typed.is_chosen("form[targets][]", "c", true));
        assert!(Typed::default().is_chosen("minutes", "30", true));
    }
}
