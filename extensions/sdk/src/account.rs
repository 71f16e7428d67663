//! The accounts of the machine, wherever it keeps them.

use std::fs;

use crate::tool;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its own group.
    pub gid: u32,
    /// Its home, which need not exist.
    pub home: String,
    /// Its shell.
    pub shell: String,
}

impl Account {
    /// Looks `name` up; `None` when there is no such account.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        if name.is_empty() || name.starts_with('-') || name.contains([':', '\n', '/']) {
            return None;
        }
        let line = match tool::run("getent", &["passwd", name], b"") {
            Ok(answer) => Some(answer).filter(tool::Answer::is_good)?.stdout,
            // without that program there are no other accounts than these
            Err(_) => {
                let file = fs::read_to_string("/etc/passwd").ok()?;
                file.lines().find(|line| line.split(':').next() == Some(name))?.to_owned()
            }
        };
        // a number is looked up as a number, too, and is not the account's name
        Self::parse(&line).filter(|account| account.name == name)
    }

    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.trim_end().split(':').collect();
        let [name, _, uid, gid, _, home, shell] = fields.as_slice() else { return None };
        Some(Self {
            name: (*name).to_owned(),
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            home: (*home).to_owned(),
            shell: (*shell).to_owned(),
        })
    }

    /// All groups of the account, its own included.
    #[must_use]
    pub fn groups(&self) -> Vec<u32> {
        let answer = tool::run("id", &["-G", &self.name], b"").ok().filter(tool::Answer::is_good);
        let parse = |text: String| text.split_whitespace().map(|group| group.parse().ok()).collect();
        answer.and_then(|answer| parse(answer.stdout)).unwrap_or_else(|| vec![self.gid])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_and_bad_names_are_not_looked_up() {
        let account = Account::parse("ana:x:1001:1002:Ana,,,:/home/ana:/bin/bash\n").unwrap();
        assert_eq!((account.uid, account.gid, account.home.as_str()), (1001, 1002, "/home/ana"));
        assert_eq!(Account::parse("ana:x:1001"), None);
        for name in ["", "--help", "a:b", "a\nb", "../a", "no-such-user-here", "0"] {
            assert_eq!(Account::find(name), None, "{name:?}");
        }
        let root = Account::find("root").unwrap();
        assert_eq!((root.uid, root.groups().first()), (0, Some(&0)));
    }
}
