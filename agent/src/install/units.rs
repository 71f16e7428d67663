//! The text of our services, and of what is added to the distribution's.

use std::path::{Path, PathBuf};

use agent_protocol::AgentKind;

use crate::exit;
use crate::layout::Layout;

const AGENT: &str = "annex-agent.service";
const RELAY: &str = "annex-agent-relay.service";
/// Debian and Ubuntu call it the first, all others the second.
const WAAGENT: [&str; 2] = ["walinuxagent.service", "waagent.service"];

/// Distributions let their unit start on Hyper-V only (or only in Azure): an empty condition takes all conditions away.
pub(super) const DROP_IN: &str = "\
# Written by `annex-agent install`; `annex-agent uninstall` removes it.
[Unit]
ConditionVirtualization=
Wants=annex-agent-relay.service
After=annex-agent-relay.service
";

/// Our service for this agent.
pub(super) const fn own(agent: AgentKind) -> &'static str {
    match agent {
        AgentKind::AnnexAgent => AGENT,
        AgentKind::Waagent => RELAY,
    }
}

/// The distribution's service of the Azure Linux Agent, when its package is installed.
pub(super) fn of_waagent(layout: &Layout) -> Option<&'static str> {
    let folders = ["etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];
    WAAGENT.into_iter().find(|unit| folders.iter().any(|folder| layout.root.join(folder).join(unit).is_file()))
}

/// Where a unit of ours lies.
pub(super) fn path(layout: &Layout, unit: &str) -> PathBuf {
    layout.root.join("etc/systemd/system").join(unit)
}

/// Where our addition to a unit of the distribution lies.
pub(super) fn drop_in_path(layout: &Layout, unit: &str) -> PathBuf {
    path(layout, &format!("{unit}.d")).join("10-annex.conf")
}

/// The unit.
pub(super) fn text(agent: AgentKind, program: &Path, flags: &[String]) -> String {
    let program = program.to_string_lossy();
    let command: Vec<String> =
        [program.as_ref()].into_iter().chain(flags.iter().map(String::as_str)).map(word).collect();
    let command = command.join(" ");
    let stop = exit::FINAL;
    let (description, order, verb, more) = match agent {
        AgentKind::AnnexAgent => (
            "Annex agent",
            "Wants=network-online.target\nAfter=network-online.target",
            "run",
            "# commands of handlers outlive the agent; its next life takes them up\nKillMode=process\n",
        ),
        AgentKind::Waagent => (
            "Annex relay for the Azure Linux Agent",
            "After=network.target\nBefore=walinuxagent.service waagent.service",
            "relay",
            "# waagent is started once there is somebody to talk to\nType=notify\n",
        ),
    };
    format!(
        "# Written by `annex-agent install`; `annex-agent uninstall` removes it.\n\
         [Unit]\nDescription={description}\n{order}\nStartLimitIntervalSec=0\n\n\
         [Service]\nExecStart={command} {verb}\nRestart=always\nRestartSec=2\n\
         # a refusal that trying again cannot change\nRestartPreventExitStatus={stop}\n{more}\n\
         [Install]\nWantedBy=multi-user.target\n"
    )
}

/// One word of a command line as systemd reads it.
fn word(text: &str) -> String {
    let text = text.replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+@%$".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use agent_protocol::AgentKind;

    use super::{text, word};

    #[test]
    fn words_survive_systemd() {
        assert_eq!(word("--state-dir=/var/lib/a"), "--state-dir=/var/lib/a");
        assert_eq!(word("/opt/my agent/50%$"), "\"/opt/my agent/50%%$$\"");
        assert_eq!(word("a\"b\\"), "\"a\\\"b\\\\\"");
    }

    #[test]
    fn a_unit_runs_this_program() {
        let unit = text(AgentKind::Waagent, Path::new("/usr/local/bin/annex-agent"), &["--log-level=warn".to_owned()]);
        assert!(unit.contains("\nExecStart=/usr/local/bin/annex-agent --log-level=warn relay\n"), "{unit}");
        assert!(unit.contains("\nBefore=walinuxagent.service waagent.service\n"), "{unit}");
        assert!(unit.contains("\nRestart=always\n"), "{unit}");
    }
}
