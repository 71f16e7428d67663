//! The scripts that put an agent on a machine: plain sh, one for each way, short enough to be read before it is run.
//!
//! ```text
//! may it? ─► the distribution's agent ─► annex-agent, by its SHA-256 ─► enrol (token from the environment) ─► install
//! ```
//! Each step looks whether it was done, so a script can be run again. No token is in its text: everybody may fetch it.

use domain::{
    enrolment::{EnrolScript, quoted},
    fault::Fault,
};

use crate::{AgentProgram, Control, Error};

impl Control {
    /// The script for one way of putting an agent on a machine.
    ///
    /// Errors: `OperationNotAllowed`: this server has no `annex-agent` to hand out.
    pub async fn script(&self, script: EnrolScript) -> Result<String, Error> {
        let programs = self.agent_programs().await?;
        if programs.is_empty() {
            return Err(Fault::not_allowed(
                "This server has no annex-agent to hand out. Whoever runs it starts it with --agent-binary FILE.",
            )
            .into());
        }
        let config = &self.inner.config;
        Ok(render(script, &config.server_url, config.authority.as_deref(), &programs))
    }
}

/// How the distribution's package is installed.
const fn package(script: EnrolScript) -> Option<&'static str> {
    match script {
        EnrolScript::Debian => {
            Some("apt-get update -q\n  DEBIAN_FRONTEND=noninteractive apt-get install -q -y waagent")
        }
        EnrolScript::Ubuntu => {
            Some("apt-get update -q\n  DEBIAN_FRONTEND=noninteractive apt-get install -q -y walinuxagent")
        }
        EnrolScript::Rhel => Some("dnf -y install WALinuxAgent"),
        EnrolScript::Suse => Some("zypper --non-interactive install python-azure-agent"),
        EnrolScript::AzureLinux => Some("tdnf -y install WALinuxAgent"),
        EnrolScript::AnnexAgent | EnrolScript::Foreground => None,
    }
}

/// The text. `programs` is not empty.
fn render(script: EnrolScript, server: &str, authority: Option<&str>, programs: &[AgentProgram]) -> String {
    let server = quoted(server);
    let agent = if script.is_waagent() { "waagent" } else { "annex-agent" };
    let hashes: String =
        programs.iter().map(|program| format!("{}) sha256={} ;;\n", program.architecture, program.sha256)).collect();
    let (ca, curl, wget, enrol) = match authority {
        Some(pem) => (
            format!(
                "# the authority that the portal's certificate comes from\ncat >\"$work/ca.pem\" <<'END'\n{}\nEND\n",
                pem.trim()
            ),
            " --cacert \"$work/ca.pem\"",
            " --ca-certificate=\"$work/ca.pem\"",
            " --ca \"$work/ca.pem\"",
        ),
        None => (String::new(), "", "", ""),
    };
    let package = package(script).map_or(String::new(), |install| {
        format!(
            "# The distribution's own package of the Azure Linux Agent.\n\
             if ! command -v waagent >/dev/null 2>&1; then\n  {install}\nfi\n\n"
        )
    });
    let service = match script {
        EnrolScript::Foreground => "echo 'Keep this running in the foreground: annex-agent run'\n".to_owned(),
        _ => format!(
            "# The service, which starts with the system. It says what it changes.\n\"$program\" install --agent {agent} $restart\n"
        ),
    };
    format!(
        r#"#!/bin/sh
# Makes this machine known to Annex at {server}: {label}.
# It can be run again: what is there already stays as it is. To take everything away again:
#   annex-agent uninstall --forget && rm /usr/local/bin/annex-agent
set -eu

server={server}
program=/usr/local/bin/annex-agent
die() {{ echo "annex: $*" >&2; exit 1; }}

# Can it be done here?
[ "$(id -u)" = 0 ] || die "run this as root: sudo --preserve-env=ANNEX_AGENT_TOKEN sh $0"
[ -n "${{ANNEX_AGENT_TOKEN:-}}" ] || die "ANNEX_AGENT_TOKEN is empty: copy the whole command from the portal"
export ANNEX_AGENT_TOKEN
case "$(uname -m)" in
{hashes}*) die "the portal has no annex-agent for $(uname -m)" ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{ca}fetch() {{
  if command -v curl >/dev/null 2>&1; then curl -fsS{curl} -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then wget -q{wget} -O "$2" "$1"
  else die "neither curl nor wget is installed"; fi
}}
is_right() {{ echo "$sha256  $1" | sha256sum -c >/dev/null 2>&1; }}

{package}# annex-agent, one static program, checked by its SHA-256.
restart=
if ! is_right "$program"; then
  mkdir -p "$(dirname "$program")"
  fetch "$server/annex/agent/v1/annex-agent-$(uname -m)" "$program.new"
  is_right "$program.new" || {{ rm -f "$program.new"; die "what was downloaded is not annex-agent"; }}
  chmod 755 "$program.new"
  mv "$program.new" "$program"
  restart={flag}
fi

# This machine introduces itself; the token is used up by it. Enrolled here already: nothing happens.
again=--unless-enrolled
[ -z "${{ANNEX_ENROL_AGAIN:-}}" ] || again=--again
"$program" enrol $again --agent {agent}{enrol} "$server"

{service}"#,
        label = script.label(),
        flag = if script == EnrolScript::Foreground { "" } else { "--restart" },
    )
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use domain::enrolment::EnrolScript;

    use super::render;
    use crate::AgentProgram;

    fn programs() -> Vec<AgentProgram> {
        let program = |architecture: &str| AgentProgram {
            architecture: architecture.into(),
            sha256: "ab".repeat(32),
            path: "/nowhere".into(),
        };
        vec![program("aarch64"), program("x86_64")]
    }

    #[test]
    fn every_script_is_one_that_shells_can_read() {
        let mut shells = vec!["sh", "dash", "bash"];
        shells.retain(|shell| Command::new(shell).args(["-c", ":"]).status().is_ok_and(|status| status.success()));
        assert!(shells.contains(&"sh"));
        for script in EnrolScript::ALL {
            for authority in [None, Some("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")] {
                let text = render(script, "https://it's.test", authority, &programs());
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("script.sh");
                std::fs::write(&file, &text).unwrap();
                for shell in &shells {
                    let output = Command::new(shell).arg("-n").arg(&file).stderr(Stdio::piped()).output().unwrap();
                    assert!(output.status.success(), "{shell} on {script:?}: {output:?}\n{text}");
                }
                assert!(text.lines().count() < 70, "short enough to be read: {} lines", text.lines().count());
                assert_eq!(text.contains("--cacert"), authority.is_some());
                assert_eq!(text.contains("--agent waagent"), script.is_waagent(), "{text}");
                assert_eq!(text.contains("\"$program\" install"), script != EnrolScript::Foreground);
                assert!(text.contains("server='https://it'\\''s.test'\n"), "{text}");
            }
        }
    }

    #[test]
    fn each_family_has_its_own_package() {
        let install = |script| render(script, "https://a.test", None, &programs());
        for (script, words) in [
            (EnrolScript::Debian, "apt-get install -q -y waagent\n"),
            (EnrolScript::Ubuntu, "apt-get install -q -y walinuxagent\n"),
            (EnrolScript::Rhel, "dnf -y install WALinuxAgent\n"),
            (EnrolScript::Suse, "zypper --non-interactive install python-azure-agent\n"),
            (EnrolScript::AzureLinux, "tdnf -y install WALinuxAgent\n"),
        ] {
            assert!(install(script).contains(words), "{script:?}");
        }
        assert!(!install(EnrolScript::AnnexAgent).contains("waagent"));
    }
}
