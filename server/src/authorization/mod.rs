//! Who may ask what: every route and every server function, in one table. What is not in it is refused.
//!
//! ```text
//!  people    pages, forms, server functions     programs    tokens, the ARM API     machines    what agents ask
//! ```
//! The guard (`http::guard`) enforces the table before a handler runs; the use cases check again, with the same
//! `Permission`. A test walks the router and the registered server functions and fails by name when a row is missing.

mod machines;
mod people;
mod programs;

use std::{collections::HashMap, sync::OnceLock};

use axum::http::Method;
use domain::actor::Permission;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; no credential is looked at.
    Anybody,
    /// Everybody with a browser: the session is known if there is one, and other sites are kept out.
    Visitor,
    /// Somebody who is signed in and has this permission at one place at least; the use case asks again, at the place.
    Person(Permission),
    /// An enrolled machine, by its own credential.
    Machine,
    /// A program or a machine with a token, over TLS, that has this permission at one place at least; the use case asks
    /// again, at the place.
    Program(Permission),
    /// A program or a machine with a token, over TLS, whatever its roles: it is told what it can see, which may be nothing.
    SignedIn,
    /// Everybody, over TLS only: what is sent or answered there is, or leads to, a secret.
    Encrypted,
    /// Whoever asks from this host, and Owners.
    Operator,
}

/// One row: a method, a route template, who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// `GET`, `POST`, `PUT`. `HEAD` counts as `GET`.
    pub method: &'static str,
    /// The route as the router knows it.
    pub route: &'static str,
    /// Who may ask.
    pub access: Access,
}

const fn row(method: &'static str, route: &'static str, access: Access) -> Row {
    Row { method, route, access }
}

/// The whole table.
pub fn table() -> impl Iterator<Item = &'static Row> {
    [people::ROWS, programs::ROWS, machines::ROWS].into_iter().flatten()
}

/// What the table says about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ask for this.
    Needs(Access),
    /// The route exists, not for this method.
    OtherMethod,
    /// No such route, or one that nobody gave a row.
    Unknown,
}

/// Looks a request up by its method and its route template.
#[must_use]
pub fn verdict(method: &Method, route: &str) -> Verdict {
    static INDEX: OnceLock<HashMap<&'static str, Vec<Row>>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        table().fold(HashMap::new(), |mut index, row| {
            index.entry(row.route).or_insert_with(Vec::new).push(*row);
            index
        })
    });
    let Some(rows) = index.get(route) else { return Verdict::Unknown };
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    rows.iter().find(|row| row.method == method).map_or(Verdict::OtherMethod, |row| Verdict::Needs(row.access))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use axum::http::Method;
    use domain::actor::Permission;

    use super::{Access, Verdict, machines, programs, table, verdict};

    #[test]
    fn what_is_not_in_the_table_is_refused() {
        assert_eq!(verdict(&Method::GET, "/nobody/wrote/this"), Verdict::Unknown);
        assert_eq!(verdict(&Method::DELETE, "/vms"), Verdict::OtherMethod);
        assert_eq!(verdict(&Method::HEAD, "/vms"), Verdict::Needs(Access::Person(Permission::Read)));
    }

    #[test]
    fn every_row_stands_once_and_changes_are_never_reads() {
        let mut seen = HashSet::new();
        for row in table() {
            assert!(seen.insert((row.method, row.route)), "{} {} stands twice", row.method, row.route);
            // a list that only those may read who may change it; the use case behind it reads
            if row.method == "GET" && row.route != "/api/image-tokens" {
                assert!(
                    !matches!(row.access, Access::Person(p) if !matches!(p, Permission::Read | Permission::ManageAccounts)),
                    "GET {} must not change anything",
                    row.route
                );
            }
        }
    }

    #[test]
    fn sessions_are_asked_for_only_where_they_are_looked_for() {
        for row in programs::ROWS.iter().chain(machines::ROWS) {
            let of_a_session = matches!(row.access, Access::Visitor | Access::Person(_) | Access::Operator);
            assert!(!of_a_session, "{} {}: its router has no layer of sessions", row.method, row.route);
        }
    }
}
