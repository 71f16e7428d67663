//! The scripts that put an agent on a machine: fetched by anybody, run by a shell in a folder that plays the machine.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use axum::http::Method;
use domain::{actor::Actor, enrolment::EnrolScript, portal::VmCalls};

use crate::harness::Portal;

const ARCH: &str = std::env::consts::ARCH;

#[tokio::test]
async fn scripts_and_the_agent_are_for_everybody_and_use_no_token_up() {
    let portal = Portal::start().await;
    let offer = portal.control.enrolment_offer(&Actor::system(), "m".into(), 10).await.unwrap();
    for script in EnrolScript::ALL {
        let answer = portal.http.get(&script.path()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let text = answer.text();
        assert!(text.starts_with("#!/bin/sh\n") && !text.contains(&offer.token), "{text}");
        assert_eq!(text, portal.control.enrol_script(&Actor::system(), script).await.unwrap());
    }
    assert_eq!(portal.http.get("/annex/agent/v1/enrol/plan9.sh").await.status, 404);
    agent::sim::SimAgent::enrol(&portal.url, &offer.token, "m").await.expect("the token still works");

    let path = format!("/annex/agent/v1/annex-agent-{ARCH}");
    let answer = portal.http.get(&path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, std::fs::read(portal.folder().join("annex-agent")).unwrap());
    let tag = answer.header("etag").to_owned();
    let same = portal.http.send(Method::GET, &path, &[("if-none-match", &tag)], Vec::new()).await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    // replaced while the server runs: another content has another tag, and scripts know it
    std::fs::write(portal.folder().join("annex-agent"), "another program").unwrap();
    let new = portal.http.send(Method::GET, &path, &[("if-none-match", &tag)], Vec::new()).await;
    assert_eq!((new.status.as_u16(), new.text().as_str()), (200, "another program"));
    let script = portal.http.get(&EnrolScript::Debian.path()).await.text();
    assert!(script.contains(new.header("etag").trim_matches('"')), "{script}");
    let other = if ARCH == "x86_64" { "aarch64" } else { "x86_64" };
    assert_eq!(portal.http.get(&format!("/annex/agent/v1/annex-agent-{other}")).await.status, 404);
}

/// Root, a package manager that writes down what it is asked, and nothing else that is not real.
fn fakes(bin: &Path) {
    std::fs::create_dir_all(bin).unwrap();
    let program = |name: &str, text: &str| {
        std::fs::write(bin.join(name), format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    program("id", "echo ${FAKE_UID:-0}");
    let installs = "echo \"$(basename \"$0\") $*\" >>\"$FAKE_LOG\"; case \"$*\" in *install*) \
                    printf '#!/bin/sh\\n' >\"$(dirname \"$0\")/waagent\"; chmod 755 \"$(dirname \"$0\")/waagent\";; esac";
    for name in ["apt-get", "dnf", "zypper", "tdnf"] {
        program(name, installs);
    }
}

struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fakes(&folder.path().join("bin"));
        Self { folder }
    }

    /// Runs a script whose programs go to the folder; `None` leaves the token out.
    async fn run(&self, text: &str, token: Option<&str>, variables: &[(&str, &str)]) -> Output {
        let at = |name: &str| self.folder.path().join(name);
        let text = text.replace("/usr/local/bin/annex-agent", &at("local/annex-agent").display().to_string());
        std::fs::write(at("script.sh"), text).unwrap();
        let mut command = Command::new("sh");
        let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").unwrap());
        command.arg(at("script.sh")).env("PATH", path).env("FAKE_LOG", at("log")).env_remove("ANNEX_AGENT_TOKEN");
        command.envs(variables.iter().copied()).envs(token.map(|token| ("ANNEX_AGENT_TOKEN", token)));
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// What was asked of the package manager and of annex-agent since the last look.
    fn log(&self) -> Vec<String> {
        let log = self.folder.path().join("log");
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let _ = std::fs::remove_file(log);
        text.lines().map(str::to_owned).collect()
    }
}

/// The program that the portal hands out here: writes down how it was called, and whether it was given the token.
const AGENT: &str = "#!/bin/sh\necho \"annex-agent $* token=${ANNEX_AGENT_TOKEN:-}\" >>\"$FAKE_LOG\"\n";

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_does_everything_once_and_can_be_run_again() {
    let portal = Portal::start().await;
    std::fs::write(portal.folder().join("annex-agent"), AGENT).unwrap();
    let url = &portal.url;
    for (script, packages) in [
        (EnrolScript::Debian, vec!["apt-get update -q", "apt-get install -q -y waagent"]),
        (EnrolScript::Rhel, vec!["dnf -y install WALinuxAgent"]),
        (EnrolScript::AnnexAgent, vec![]),
    ] {
        let text = portal.http.get(&script.path()).await.text();
        let machine = Machine::new();
        let agent = if script.is_waagent() { "waagent" } else { "annex-agent" };
        succeeded(&machine.run(&text, Some("secret"), &[]).await);
        let enrol = |how: &str| format!("annex-agent enrol {how} --agent {agent} {url} token=secret");
        let install = format!("annex-agent install --agent {agent} --restart token=secret");
        let mut expected: Vec<String> = packages.iter().map(|&line| line.to_owned()).collect();
        expected.extend([enrol("--unless-enrolled"), install]);
        assert_eq!(machine.log(), expected, "{script:?}");

        succeeded(&machine.run(&text, Some("secret"), &[]).await);
        let again = format!("annex-agent install --agent {agent} token=secret");
        assert_eq!(machine.log(), [enrol("--unless-enrolled"), again], "nothing is fetched or installed twice");
        succeeded(&machine.run(&text, Some("secret"), &[("ANNEX_ENROL_AGAIN", "1")]).await);
        assert_eq!(machine.log()[0], enrol("--again"));
    }
    let machine = Machine::new();
    let text = portal.http.get(&EnrolScript::Foreground.path()).await.text();
    let output = machine.run(&text, Some("secret"), &[]).await;
    succeeded(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("annex-agent run"), "{output:?}");
    assert_eq!(machine.log().len(), 1, "it enrols and makes no service");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_cannot_do_it_says_so_and_does_nothing() {
    let portal = Portal::start().await;
    std::fs::write(portal.folder().join("annex-agent"), AGENT).unwrap();
    let text = portal.http.get(&EnrolScript::AnnexAgent.path()).await.text();
    let machine = Machine::new();
    for (token, variables, why) in
        [(Some("secret"), vec![("FAKE_UID", "1000")], "as root"), (None, vec![], "ANNEX_AGENT_TOKEN is empty")]
    {
        let output = machine.run(&text, token, &variables).await;
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{output:?}");
    }
    // between the script and the program somebody put another one there
    std::fs::write(portal.folder().join("annex-agent"), AGENT.replace("secret", "x") + "# evil\n").unwrap();
    let output = machine.run(&text, Some("secret"), &[]).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("not annex-agent"), "{output:?}");
    assert!(!machine.folder.path().join("local/annex-agent").exists(), "it is not kept");
    assert!(!machine.folder.path().join("local/annex-agent.new").exists());
    assert_eq!(machine.log(), Vec::<String>::new());
}
