//! `x-annex-agent`: what an agent says about itself with every question for the goal state.
//!
//! One header, `key=value` pairs separated by `; `, so that it costs no request of its own. The relay speaks for waagent in
//! it: when *that* fetched and reported, whether its process runs. Unknown keys are skipped, missing ones are unknown.
//!
//! | key | meaning |
//! | --- | --- |
//! | `version` | version of the guest agent: waagent's own, or annex-agent's |
//! | `relay` | version of the relay that speaks for it; absent for native agents |
//! | `holder` | the process that holds the credential: another value is another process (or another machine) |
//! | `life` | the guest agent's process: another value is a restart of the agent |
//! | `boot` | the machine's boot: another value is a reboot |
//! | `machine` | fingerprint of the hardware and the system's identity: another value is another machine |
//! | `clock` | the machine's clock, unix milliseconds |
//! | `fetched`, `reported` | milliseconds since the guest agent last fetched a goal state, last reported |
//! | `next` | milliseconds until it asks again, when nothing happens |
//! | `process` | `running` or `gone`: whether the guest agent's process is there |

use std::fmt::Write;

/// Name of the header.
pub const HEADER: &str = "x-annex-agent";

/// The header is refused beyond this; the largest real one has about 400 bytes.
pub const MAX_HEADER_BYTES: usize = 2048;

/// Longest value that is kept.
const MAX_VALUE_CHARS: usize = 128;

/// What an agent says about itself. Everything may be missing: agents of other versions say less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentContact {
    /// Version of the guest agent.
    pub version: Option<String>,
    /// Version of the relay that speaks for it.
    pub relay: Option<String>,
    /// The process that holds the credential.
    pub holder: Option<String>,
    /// The guest agent's process.
    pub life: Option<String>,
    /// The machine's boot.
    pub boot: Option<String>,
    /// The machine's fingerprint.
    pub machine: Option<String>,
    /// The machine's clock, unix milliseconds.
    pub clock_ms: Option<i64>,
    /// Milliseconds since the guest agent last fetched a goal state.
    pub fetched_ms_ago: Option<u64>,
    /// Milliseconds since it last reported.
    pub reported_ms_ago: Option<u64>,
    /// Milliseconds until it asks again, when nothing happens.
    pub next_ms: Option<u64>,
    /// Whether its process is there.
    pub process_runs: Option<bool>,
}

impl AgentContact {
    /// The header's value.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        let mut put = |key: &str, value: Option<String>| {
            let Some(value) = value.filter(|value| !value.is_empty()) else { return };
            let value: String = value.chars().filter(|c| plain(*c)).take(MAX_VALUE_CHARS).collect();
            let separator = if text.is_empty() { "" } else { "; " };
            // writing to a String cannot fail
            let _ = write!(text, "{separator}{key}={value}");
        };
        let number = |number: Option<u64>| number.map(|n| n.to_string());
        put("version", self.version.clone());
        put("relay", self.relay.clone());
        put("holder", self.holder.clone());
        put("life", self.life.clone());
        put("boot", self.boot.clone());
        put("machine", self.machine.clone());
        put("clock", self.clock_ms.map(|n| n.to_string()));
        put("fetched", number(self.fetched_ms_ago));
        put("reported", number(self.reported_ms_ago));
        put("next", number(self.next_ms));
        put("process", self.process_runs.map(|runs| if runs { "running" } else { "gone" }.to_owned()));
        text
    }

    /// Reads a header leniently; `None` when it is larger than [`MAX_HEADER_BYTES`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_HEADER_BYTES {
            return None;
        }
        let mut contact = Self::default();
        for (key, value) in text.split(';').filter_map(|pair| pair.trim().split_once('=')) {
            let word = || Some(value.chars().filter(|c| plain(*c)).take(MAX_VALUE_CHARS).collect::<String>());
            match key {
                "version" => contact.version = word(),
                "relay" => contact.relay = word(),
                "holder" => contact.holder = word(),
                "life" => contact.life = word(),
                "boot" => contact.boot = word(),
                "machine" => contact.machine = word(),
                "clock" => contact.clock_ms = value.parse().ok(),
                "fetched" => contact.fetched_ms_ago = value.parse().ok(),
                "reported" => contact.reported_ms_ago = value.parse().ok(),
                "next" => contact.next_ms = value.parse().ok(),
                "process" => contact.process_runs = Some(value == "running"),
                _ => {}
            }
        }
        Some(contact)
    }
}

/// What a value may consist of: nothing that separates, nothing that a header or a page would stumble over.
const fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '+' | ':')
}

#[cfg(test)]
mod tests {
    use super::{AgentContact, MAX_HEADER_BYTES};

    #[test]
    fn what_is_said_is_understood() {
        let said = AgentContact {
            version: Some("2.16.0.2".into()),
            relay: Some("0.1.0".into()),
            holder: Some("h".into()),
            life: Some("l".into()),
            boot: Some("b".into()),
            machine: Some("m".into()),
            clock_ms: Some(1_795_000_000_000),
            fetched_ms_ago: Some(12),
            reported_ms_ago: Some(0),
            next_ms: Some(6000),
            process_runs: Some(true),
        };
        assert_eq!(AgentContact::parse(&said.render()), Some(said));
        assert_eq!(AgentContact::parse(""), Some(AgentContact::default()));
    }

    #[test]
    fn nonsense_says_nothing() {
        let said = AgentContact::parse("fetched=-1;clock=x; =; a=b=c; version=<b>2; process=odd").unwrap();
        assert_eq!(said.version.as_deref(), Some("b2"));
        assert_eq!(said.process_runs, Some(false));
        assert_eq!((said.fetched_ms_ago, said.clock_ms), (None, None));
        assert_eq!(AgentContact::parse(&"x".repeat(MAX_HEADER_BYTES + 1)), None);
    }
}
