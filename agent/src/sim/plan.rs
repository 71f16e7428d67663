//! What is to be done for a goal state: only what changed since the last one, as with a real agent.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use agent_protocol::extensions_config::{Plugin, Settings};
use agent_protocol::{
    Entry, ExtensionStatus, ExtensionsConfig, FormattedMessage, Line, RequestedState, RunKey, StatusLevel, StepName,
    StepPhase, Stream, Substatus,
};

use super::script::{End, Script};

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Todo {
    /// Fetch manifest and package of this plugin.
    Download(Plugin),
    /// Put something into a run's records, and send them.
    Record(RunKey, Vec<Entry>),
    /// Change what is reported, and report.
    State(Key, Option<Installed>),
    /// Report without a change.
    Report,
    /// Let time pass.
    Wait(Duration),
    /// Go silent.
    Vanish,
    /// The goal state is done.
    Done(u64),
}

/// Handler and configuration name.
pub(super) type Key = (String, Option<String>);

/// What is on the simulated machine.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Installed {
    pub(super) version: String,
    pub(super) sequence: Option<u64>,
    pub(super) ready: bool,
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) status: Option<ExtensionStatus>,
    /// What was asked for, to know whether something changed.
    pub(super) wanted: Wanted,
}

/// One configuration as the document wants it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) version: String,
    pub(super) state: RequestedState,
    pub(super) sequence: Option<u64>,
}

/// What a document asks for beyond what is there.
pub(super) fn plan(
    config: &ExtensionsConfig,
    incarnation: u64,
    there: &BTreeMap<Key, Installed>,
    script: impl Fn(&str) -> Script,
) -> VecDeque<Todo> {
    let mut todo = VecDeque::from([Todo::Report]);
    let mut named = Vec::new();
    for plugin in &config.plugins {
        for (name, state, sequence) in configurations(config, plugin) {
            let key = (plugin.name.clone(), name);
            named.push(key.clone());
            let wanted = Wanted { version: plugin.version.clone(), state, sequence };
            let before = there.get(&key);
            let gone = before.is_none() && state != RequestedState::Enabled;
            if gone || before.is_some_and(|before| before.wanted == wanted) {
                continue;
            }
            let extension = key.1.clone().or(plugin.extension.clone()).unwrap_or_else(|| plugin.name.clone());
            let run = RunKey { incarnation, handler: plugin.name.clone(), extension };
            let update = before.map(|before| before.wanted.version != plugin.version);
            match state {
                RequestedState::Enabled => enable(&mut todo, &run, key, wanted, plugin, update, &script(&plugin.name)),
                RequestedState::Disabled | RequestedState::Uninstall => {
                    steps(&mut todo, &run, &[StepName::PickedUp, StepName::Disabled]);
                    if state == RequestedState::Uninstall {
                        steps(&mut todo, &run, &[StepName::Uninstalled]);
                    }
                    todo.push_back(Todo::State(key, None));
                }
            }
        }
    }
    let dropped = there.keys().filter(|key| !named.contains(key));
    todo.extend(dropped.map(|key| Todo::State(key.clone(), None)));
    todo.push_back(Todo::Done(incarnation));
    todo
}

fn configurations(config: &ExtensionsConfig, plugin: &Plugin) -> Vec<(Option<String>, RequestedState, Option<u64>)> {
    match config.settings_of(plugin).map(|found| &found.settings) {
        Some(Settings::Single(one)) => vec![(None, plugin.state, Some(one.seq_no))],
        Some(Settings::Multiple(all)) => all
            .iter()
            .map(|one| {
                let state = if plugin.state == RequestedState::Enabled { one.state } else { plugin.state };
                (Some(one.name.clone()), state, Some(one.runtime.seq_no))
            })
            .collect(),
        Some(Settings::None | Settings::Contradictory) | None => vec![(None, plugin.state, None)],
    }
}

fn enable(
    todo: &mut VecDeque<Todo>,
    run: &RunKey,
    key: Key,
    wanted: Wanted,
    plugin: &Plugin,
    update: Option<bool>,
    script: &Script,
) {
    let installed = |status: Option<ExtensionStatus>| Installed {
        version: wanted.version.clone(),
        sequence: wanted.sequence,
        ready: true,
        code: 0,
        message: "Plugin enabled".to_owned(),
        status: status.filter(|_| wanted.sequence.is_some()),
        wanted: wanted.clone(),
    };
    steps(todo, run, &[StepName::PickedUp]);
    if script.download && update != Some(false) {
        todo.push_back(Todo::Download(plugin.clone()));
    }
    match update {
        None => steps(todo, run, &[StepName::Downloaded, StepName::Verified, StepName::Installed]),
        Some(true) => steps(
            todo,
            run,
            &[
                StepName::Downloaded,
                StepName::Verified,
                StepName::Disabled,
                StepName::Updated,
                StepName::Uninstalled,
                StepName::Installed,
            ],
        ),
        Some(false) => {}
    }
    todo.push_back(Todo::Record(run.clone(), vec![step(StepName::Enabled, StepPhase::Started)]));
    todo.push_back(Todo::State(
        key.clone(),
        Some(installed(Some(status(StatusLevel::Transitioning, 0, "running", "")))),
    ));
    for line in &script.lines {
        let line = Line { stream: Stream::Stdout, text: line.clone(), partial: false };
        todo.push_back(Todo::Record(run.clone(), vec![Entry::Line(line)]));
    }
    if !script.delay.is_zero() {
        todo.push_back(Todo::Wait(script.delay));
    }
    let output = script.lines.join("\n");
    let (phase, last) = match &script.end {
        End::Succeed => (StepPhase::Done, installed(Some(status(StatusLevel::Success, 0, "done", &output)))),
        End::Fail { code, message } => {
            (StepPhase::Failed, installed(Some(status(StatusLevel::Error, *code, message, &output))))
        }
        End::FailEnable { message } => {
            let filler = status(StatusLevel::Transitioning, 0, "no status", "");
            let failed = Installed { ready: false, code: 1009, message: message.clone(), ..installed(Some(filler)) };
            (StepPhase::Failed, failed)
        }
        End::Vanish => {
            todo.push_back(Todo::Vanish);
            (StepPhase::Done, installed(Some(status(StatusLevel::Success, 0, "done", &output))))
        }
        End::NeverEnd | End::NeverReport => return,
    };
    todo.push_back(Todo::Record(run.clone(), vec![step(StepName::Enabled, phase)]));
    todo.push_back(Todo::State(key, Some(last)));
}

fn steps(todo: &mut VecDeque<Todo>, run: &RunKey, names: &[StepName]) {
    let entries = names.iter().flat_map(|name| match name {
        StepName::PickedUp => vec![step(*name, StepPhase::Done)],
        _ => vec![step(*name, StepPhase::Started), step(*name, StepPhase::Done)],
    });
    todo.push_back(Todo::Record(run.clone(), entries.collect()));
}

fn step(name: StepName, phase: StepPhase) -> Entry {
    let duration_ms = (phase != StepPhase::Started).then_some(1);
    Entry::Step(agent_protocol::Step { name, phase, duration_ms, detail: None })
}

fn status(level: StatusLevel, code: i64, message: &str, output: &str) -> ExtensionStatus {
    let part = |name: &str, text: &str| Substatus {
        name: name.to_owned(),
        status: level,
        code: 0,
        formatted_message: FormattedMessage::english(text),
    };
    ExtensionStatus {
        name: None,
        operation: Some("Enable".to_owned()),
        configuration_applied_time: None,
        status: level,
        code,
        formatted_message: FormattedMessage::english(message),
        substatus: if level.is_terminal() { vec![part("StdOut", output), part("StdErr", "")] } else { Vec::new() },
    }
}
