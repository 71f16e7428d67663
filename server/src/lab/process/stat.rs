//! `/proc/<pid>/stat` (`man 5 proc`).

use std::{fs, io};

/// The parts of it that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// One letter; `Z` and `X` are dead.
    pub state: char,
    /// The parent's process id.
    pub parent: i32,
    /// When it started, in clock ticks since the host booted.
    pub start_ticks: u64,
}

impl Stat {
    /// Reads it. Errors: no such process (any more).
    pub fn read(pid: i32) -> io::Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        parse(&text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "/proc/<pid>/stat has another form"))
    }

    /// Whether it has ended, though nobody may have taken note yet.
    pub fn ended(self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// The name in parentheses may hold anything, parentheses and spaces included: count from its end.
fn parse(text: &str) -> Option<Stat> {
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let start_ticks = fields.nth(17)?.parse().ok()?;
    Some(Stat { state, parent, start_ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_change_nothing() {
        let text = "7 (a) Z 1 (b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 19";
        assert_eq!(parse(text), Some(Stat { state: 'S', parent: 1, start_ticks: 4711 }));
        assert_eq!(parse("7 (a"), None);
        assert_eq!(parse("7 (a) S 1"), None);
    }
}
