//! The words and parts of VMAccess' status: what changed, part by part.

use handler_sdk::status::{Level, Status, Substatus};

use crate::codes;
use crate::failure::Failure;

/// The name under which statuses are filed.
pub const NAME: &str = "VMAccess";

const UNCHANGED: &str = "unchanged";

/// What was done so far.
#[derive(Debug, Default)]
pub struct Report {
    user: Vec<String>,
    password: Vec<String>,
    keys: Vec<String>,
    ssh: Vec<String>,
}

impl Report {
    /// Something about the user or its rights.
    pub fn user(&mut self, said: String) {
        self.user.push(said);
    }

    /// Something about the password, never the password.
    pub fn password(&mut self, said: String) {
        self.password.push(said);
    }

    /// Something about keys.
    pub fn keys(&mut self, said: String) {
        self.keys.push(said);
    }

    /// Something about the SSH server.
    pub fn ssh(&mut self, said: Vec<String>) {
        self.ssh.extend(said);
    }

    fn parts(&self) -> [(&'static str, &Vec<String>); 4] {
        [("User", &self.user), ("Password", &self.password), ("Keys", &self.keys), ("SshConfig", &self.ssh)]
    }

    /// All of it in one line.
    #[must_use]
    pub fn words(&self) -> String {
        let said: Vec<String> = self.parts().iter().flat_map(|(_, said)| said.iter().cloned()).collect();
        if said.is_empty() { "nothing changed".to_owned() } else { said.join("; ") }
    }

    /// The final status. What was done before a failure stays done, and is told.
    #[must_use]
    pub fn status(&self, outcome: Result<(), Failure>) -> Status {
        let status = match outcome {
            Ok(()) => Status::new(Level::Success, 0, format!("Enable succeeded. {}.", sentence(&self.words()))),
            Err(failure) => failed(&failure),
        };
        let part = |(name, said): (&str, &Vec<String>)| {
            let words = if said.is_empty() { UNCHANGED.to_owned() } else { said.join("; ") };
            Substatus::new(name, Level::Success, words)
        };
        status.with_parts(self.parts().into_iter().map(part).collect())
    }
}

/// The status of a run that did nothing, or not all.
#[must_use]
pub fn failed(failure: &Failure) -> Status {
    Status::new(Level::Error, failure.code, format!("Enable failed: {failure}"))
}

/// The status before anything is known.
#[must_use]
pub fn in_progress() -> Status {
    Status::new(Level::Transitioning, codes::SYSTEM, "Enable in progress")
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_say_what_changed_and_what_did_not() {
        let mut report = Report::default();
        report.user("ana was created".into());
        report.user("ana may use sudo".into());
        let status = report.status(Ok(()));
        assert_eq!(status.message, "Enable succeeded. Ana was created; ana may use sudo.");
        let parts: Vec<_> = status.parts.iter().map(|part| (part.name.as_str(), part.message.as_str())).collect();
        assert_eq!(
            parts,
            [
                ("User", "ana was created; ana may use sudo"),
                ("Password", UNCHANGED),
                ("Keys", UNCHANGED),
                ("SshConfig", UNCHANGED)
            ]
        );
        let status = report.status(Err(Failure::new(codes::KEYS, "no key")));
        assert_eq!(
            (status.level, status.code, status.message.as_str()),
            (Level::Error, codes::KEYS, "Enable failed: no key")
        );
        assert_eq!(status.parts[0].message, "ana was created; ana may use sudo", "what was done is told all the same");
    }
}
