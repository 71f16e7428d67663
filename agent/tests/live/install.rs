//! `annex-agent install` and `uninstall` on a folder that plays the machine, with a `systemctl` that writes down what it
//! is asked.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const STOCK: &str = include_str!("../corpus/waagent-2.7.3-debian.conf");

/// Keeps which units are enabled and active as files, and every change as a line.
const SYSTEMCTL: &str = r#"#!/bin/sh
cd "$(dirname "$0")" || exit 9
for unit; do :; done
case "$1" in
is-active) test -e "active-$unit"; exit ;;
is-enabled) test -e "enabled-$unit"; exit ;;
esac
echo "$*" >>log
test ! -e broken || { echo "Unit $unit is masked." >&2; exit 1; }
case "$1" in
enable) : >"enabled-$unit" ;;
restart) : >"active-$unit" ;;
stop) rm -f "active-$unit" ;;
disable) rm -f "enabled-$unit"; test "$2" != --now || rm -f "active-$unit" ;;
esac
"#;

struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// With systemd, without waagent.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Self { folder };
        for path in ["root/run/systemd/system", "root/etc", "bin"] {
            std::fs::create_dir_all(machine.folder.path().join(path)).unwrap();
        }
        machine.put("var/lib/annex-agent/credential.json", "{}");
        let systemctl = machine.bin("systemctl");
        std::fs::write(&systemctl, SYSTEMCTL).unwrap();
        std::fs::set_permissions(&systemctl, std::fs::Permissions::from_mode(0o755)).unwrap();
        machine
    }

    /// Debian's package is installed: enabled, but its condition kept it from starting.
    fn with_waagent(unit: &str) -> Self {
        let machine = Self::new();
        machine.put("etc/waagent.conf", STOCK);
        machine.put(&format!("usr/lib/systemd/system/{unit}"), "[Unit]\nConditionVirtualization=microsoft\n");
        std::fs::write(machine.bin(&format!("enabled-{unit}")), "").unwrap();
        machine
    }

    fn bin(&self, name: &str) -> PathBuf {
        self.folder.path().join("bin").join(name)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join("root").join(path)
    }

    fn put(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_annex-agent"));
        let path = format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        command.env("PATH", path).env_remove("ANNEX_AGENT_SERVER").arg(format!("--root={}", self.at("").display()));
        command.args(arguments);
        command
    }

    fn agent(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it printed.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.agent(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Why it refused, in one line.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.agent(arguments);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// What systemctl was asked to change since the last look.
    fn log(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.bin("log")).unwrap_or_default();
        let _ = std::fs::remove_file(self.bin("log"));
        text.lines().map(str::to_owned).collect()
    }

    /// All files below the root with their content.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found)
                } else {
                    found.push((path.clone(), std::fs::read(path).unwrap()))
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.at(""), &mut found);
        found.sort();
        found
    }
}

#[test]
fn the_native_agent_becomes_a_service_once() {
    let machine = Machine::new();
    let before = machine.files();
    machine.done(&["install", "--log-level=warn"]);
    assert_eq!(machine.log(), ["daemon-reload", "enable annex-agent.service", "restart annex-agent.service"]);
    let unit = machine.read("etc/systemd/system/annex-agent.service");
    assert!(
        unit.contains(&format!("ExecStart={} --log-level=warn run\n", env!("CARGO_BIN_EXE_annex-agent"))),
        "{unit}"
    );
    let mode = std::fs::metadata(machine.at("etc/systemd/system/annex-agent.service")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);

    let files = machine.files();
    let said = machine.done(&["install", "--log-level=warn"]);
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!((machine.log(), machine.files()), (Vec::new(), files), "a second time nothing is touched");
    machine.done(&["install", "--log-level=warn", "--restart"]);
    assert_eq!(machine.log(), ["daemon-reload", "restart annex-agent.service"]);

    machine.done(&["uninstall"]);
    assert_eq!(machine.log(), ["disable --now annex-agent.service", "daemon-reload"]);
    assert_eq!(machine.files(), before);
    let said = machine.done(&["uninstall"]);
    assert!(said.contains("nothing was installed"), "{said}");
    assert_eq!(machine.log(), Vec::<String>::new());
}

#[test]
fn waagent_is_set_up_and_put_back() {
    for unit in ["walinuxagent.service", "waagent.service"] {
        let machine = Machine::with_waagent(unit);
        let before = machine.files();
        machine.done(&["install", "--agent", "waagent"]);
        let restart = format!("restart {unit}");
        assert_eq!(
            machine.log(),
            ["daemon-reload", "enable annex-agent-relay.service", "restart annex-agent-relay.service", &restart]
        );
        let drop_in = machine.read(&format!("etc/systemd/system/{unit}.d/10-annex.conf"));
        assert!(drop_in.contains("\nConditionVirtualization=\n"), "{drop_in}");
        assert!(machine.read("etc/systemd/system/annex-agent-relay.service").contains(" relay\n"));
        let conf = machine.read("etc/waagent.conf");
        assert!(conf.contains("\nProvisioning.Agent=disabled\n") && conf.contains("\nExtensions.GoalStatePeriod=0\n"));
        assert_eq!(machine.read("var/lib/annex-agent/waagent.conf.original"), STOCK);

        let files = machine.files();
        machine.done(&["install", "--agent", "waagent"]);
        assert_eq!((machine.log(), machine.files()), (Vec::new(), files));

        machine.done(&["uninstall"]);
        assert_eq!(
            machine.log(),
            [&format!("stop {unit}"), "disable --now annex-agent-relay.service", "daemon-reload"],
            "it did not run before, and it was enabled before"
        );
        assert_eq!(machine.files(), before);
    }
}

#[test]
fn waagent_that_ran_before_goes_on_as_it_was() {
    let machine = Machine::with_waagent("waagent.service");
    std::fs::remove_file(machine.bin("enabled-waagent.service")).unwrap();
    std::fs::write(machine.bin("active-waagent.service"), "").unwrap();
    machine.done(&["install", "--agent", "waagent"]);
    machine.log();
    // somebody changes the file, and one more machine setting of theirs
    let conf = machine.read("etc/waagent.conf").replace("Logs.Verbose=n", "Logs.Verbose=y");
    machine.put("etc/waagent.conf", &conf);
    machine.done(&["uninstall"]);
    let log = machine.log();
    assert_eq!(
        log,
        [
            "disable --now annex-agent-relay.service",
            "daemon-reload",
            "restart waagent.service",
            "disable waagent.service"
        ]
    );
    assert_eq!(machine.read("etc/waagent.conf"), STOCK.replace("Logs.Verbose=n", "Logs.Verbose=y"));
}

#[test]
fn a_machine_that_has_not_enrolled_is_prepared_and_not_started() {
    let machine = Machine::new();
    std::fs::remove_file(machine.at("var/lib/annex-agent/credential.json")).unwrap();
    let said = machine.done(&["install"]);
    assert!(said.contains("annex-agent enrol URL TOKEN"), "{said}");
    assert_eq!(machine.log(), ["daemon-reload", "enable annex-agent.service"]);
    machine.put("var/lib/annex-agent/credential.json", "{}");
    machine.done(&["install"]);
    assert_eq!(machine.log(), ["daemon-reload", "restart annex-agent.service"]);
}

#[test]
fn the_other_agent_takes_over() {
    let machine = Machine::with_waagent("walinuxagent.service");
    machine.done(&["install", "--agent", "waagent"]);
    machine.log();
    machine.done(&["install", "--agent", "annex-agent"]);
    assert_eq!(machine.read("etc/waagent.conf"), STOCK);
    assert!(!machine.at("etc/systemd/system/annex-agent-relay.service").exists());
    let log = machine.log();
    assert_eq!(log.first().unwrap(), "stop walinuxagent.service", "{log:?}");
    assert_eq!(log.last().unwrap(), "restart annex-agent.service", "{log:?}");
}

#[test]
fn what_cannot_be_is_said_and_nothing_is_written() {
    let container = Machine::new();
    std::fs::remove_dir_all(container.at("run")).unwrap();
    let said = container.refused(&["install"]);
    assert!(said.contains("not run by systemd") && said.contains("annex-agent run"), "{said}");

    let bare = Machine::new();
    let said = bare.refused(&["install", "--agent", "waagent"]);
    assert!(said.contains("not installed"), "{said}");

    let azure = Machine::with_waagent("waagent.service");
    azure.put("sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n");
    let before = azure.files();
    let said = azure.refused(&["install", "--agent", "waagent"]);
    assert!(said.contains("runs in Azure"), "{said}");
    for machine in [&container, &bare, &azure] {
        assert!(!machine.at("var/lib/annex-agent/install.json").exists());
        assert_eq!(machine.log(), Vec::<String>::new());
    }
    assert_eq!(azure.files(), before);
}

#[test]
fn without_systemd_only_the_configuration_is_set_up() {
    let machine = Machine::with_waagent("walinuxagent.service");
    std::fs::remove_dir_all(machine.at("run")).unwrap();
    let said = machine.refused(&["install", "--agent", "waagent"]);
    assert!(said.contains("annex-agent relay"), "{said}");
    let before = machine.files();
    machine.done(&["install", "--agent", "waagent", "--without-systemd"]);
    assert!(machine.read("etc/waagent.conf").contains("Protocol.EndpointDiscovery=static"));
    assert!(!machine.at("etc/systemd").exists());
    machine.done(&["uninstall"]);
    assert_eq!((machine.log(), machine.files()), (Vec::new(), before));
}

#[test]
fn a_service_manager_that_refuses_is_quoted_and_a_second_try_ends_it() {
    let machine = Machine::with_waagent("walinuxagent.service");
    std::fs::write(machine.bin("broken"), "").unwrap();
    let said = machine.refused(&["install", "--agent", "waagent"]);
    assert!(said.contains("is masked"), "{said}");
    std::fs::remove_file(machine.bin("broken")).unwrap();
    machine.log();
    machine.done(&["install", "--agent", "waagent"]);
    assert!(machine.log().contains(&"restart annex-agent-relay.service".to_owned()));
    machine.done(&["uninstall"]);
    assert_eq!(machine.read("etc/waagent.conf"), STOCK);
}

#[test]
fn forgetting_deletes_the_credential_and_keeps_handlers() {
    let machine = Machine::new();
    machine.done(&["install"]);
    for file in ["credential.json", "machine.key", "ca.pem"] {
        machine.put(&format!("var/lib/annex-agent/{file}"), "{}");
    }
    machine.put("var/lib/waagent/Test.Probe-1.0.0/HandlerManifest.json", "{}");
    machine.done(&["uninstall"]);
    assert!(machine.at("var/lib/annex-agent/credential.json").exists());
    machine.done(&["uninstall", "--forget"]);
    assert_eq!(std::fs::read_dir(machine.at("var/lib/annex-agent")).unwrap().count(), 0);
    assert!(machine.at("var/lib/waagent/Test.Probe-1.0.0/HandlerManifest.json").exists());
}
