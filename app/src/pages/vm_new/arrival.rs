//! Waiting for a machine: first it enrols, then its agent reports.

use domain::{
    enrolment::EnrolScript,
    guest_agent::{EnrolmentOffer, GuestAgent},
    live::Topic,
    page::PageRequest,
    vm::{VmDetail, VmFilter},
};
use leptos::prelude::*;

use crate::{
    calls::vms::{vm_get, vm_list},
    live::use_live,
    paths,
    ui::{Icon, use_clock},
};

/// After this long without a report something is missing.
const PATIENCE_MS: i64 = 60_000;

/// Waits for the machine that uses the token, and for the first report of its agent.
#[component]
pub fn Arrival(
    /// The token that is waited for.
    offer: EnrolmentOffer,
    /// How the machine gets its agent.
    script: Memo<EnrolScript>,
    /// It is for a machine that is registered already.
    registered: bool,
) -> impl IntoView {
    let clock = use_clock();
    let EnrolmentOffer { machine: awaited, made_at, expires_at: expires, .. } = offer;
    // a machine that there is not yet cannot be asked for by its id
    let there = LocalResource::new(move || async move {
        if registered {
            return Ok(true);
        }
        let filter = VmFilter { sort: "-created".into(), ..VmFilter::default() };
        let page = vm_list(filter, PageRequest::default()).await?;
        Ok::<_, crate::error::UiError>(page.items.iter().any(|vm| Some(vm.id) == awaited))
    });
    let found = Memo::new(move |_| awaited.filter(|_| there.get().and_then(Result::ok).unwrap_or_default()));
    let detail = LocalResource::new(move || {
        let id = found.get();
        async move {
            match id {
                Some(id) => vm_get(id).await.ok(),
                None => None,
            }
        }
    });
    let arrived = Memo::new(move |_| {
        let detail = detail.get().flatten()?;
        // a registered machine may have had an agent before
        let enrolled = detail.vm.agent.as_ref().is_some_and(|agent| agent.enrolled_at >= made_at);
        enrolled.then_some(detail)
    });
    let reported = move || arrived.get().is_some_and(|detail| detail.vm.agent.as_ref().is_some_and(has_reported));
    use_live(
        move || awaited.map(Topic::Vm).into_iter().chain([Topic::Vms]).collect(),
        move || {
            if found.get_untracked().is_none() {
                there.refetch();
            }
            detail.refetch();
        },
    );
    // a first report that says nothing new is no news for others
    Effect::new(move |_| {
        let now = clock.now();
        if now.is_some_and(|now| now.millis() / 1_000 % 2 == 0) && found.get_untracked().is_some() && !reported() {
            detail.refetch();
        }
    });
    // as a fact of its own, so that what stands there is not written again every second
    let late = Memo::new(move |_| {
        let since = arrived.with(|detail| Some(detail.as_ref()?.vm.agent.as_ref()?.enrolled_at));
        since.zip(clock.now()).is_some_and(|(since, now)| now.millis_since(since) > PATIENCE_MS)
    });
    let over = Memo::new(move |_| clock.now().is_some_and(|now| now > expires));
    view! {
        <div role="status" class="stack !gap-2">
            {move || match arrived.get() {
                Some(detail) => progress(&detail, script.get(), late.get()),
                None if over.get() => {
                    line("warn", "clock", "The token has expired", "No machine used it. Make another one above.".to_owned(), None)
                }
                None => {
                    let text = "This page notices by itself when it has enrolled. It is safe to leave.";
                    line("info", "arc", "Waiting for the machine…", text.to_owned(), None)
                }
            }}
        </div>
    }
    .into_any()
}

fn has_reported(agent: &GuestAgent) -> bool {
    agent.last_status_at.is_some_and(|at| at >= agent.enrolled_at)
}

/// Two lines: enrolled, reported.
fn progress(detail: &VmDetail, script: EnrolScript, late: bool) -> AnyView {
    let Some(agent) = &detail.vm.agent else { return ().into_any() };
    let name = &detail.vm.name;
    let enrolled = line("ready", "check", &format!("{name} has enrolled"), "Its token is used up.".to_owned(), None);
    let second = if has_reported(agent) {
        let title = format!("{name} has reported");
        let open = view! {
            <a class="btn btn-primary btn-sm" href=paths::vm(detail.vm.id)>
                {format!("Open {name}")}
            </a>
        };
        line("ready", "check", &title, "It can be managed now.".to_owned(), Some(open.into_any()))
    } else if late {
        line("warn", "warn", "No report yet", missing(agent, script), None)
    } else {
        line("info", "arc", "Waiting for its first report…", "The agent starts now.".to_owned(), None)
    };
    view! {
        {enrolled}
        {second}
    }
    .into_any()
}

/// What is missing, and where to look.
fn missing(agent: &GuestAgent, script: EnrolScript) -> String {
    let heard = agent.last_contact_at.is_some_and(|at| at >= agent.enrolled_at);
    let (found, look) = match (heard, script) {
        (true, EnrolScript::Foreground | EnrolScript::AnnexAgent) => {
            ("annex-agent asks for its goal state, but no report arrives.", "Look at what it prints.")
        }
        (true, _) => (
            "annex-agent relay is connected, but the Azure Linux Agent has not reported through it.",
            "Look at systemctl status walinuxagent (or waagent) and at /var/log/waagent.log.",
        ),
        (false, EnrolScript::Foreground) => (
            "Nothing was heard from the machine since it enrolled.",
            "Start annex-agent run on it and keep it running.",
        ),
        (false, EnrolScript::AnnexAgent) => {
            ("Nothing was heard from the machine since it enrolled.", "Look at systemctl status annex-agent.")
        }
        (false, _) => {
            ("Nothing was heard from the machine since it enrolled.", "Look at systemctl status annex-agent-relay.")
        }
    };
    format!("{found} {look}")
}

fn line(state: &'static str, icon: &'static str, title: &str, text: String, action: Option<AnyView>) -> AnyView {
    let title = title.to_owned();
    view! {
        <div class="banner" data-state=state>
            <Icon name=icon class=if icon == "arc" { "spin" } else { "" } />
            <div class="grow">
                <strong>{title}</strong>
                {text}
            </div>
            {action}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::{guest_agent::AgentKind, timestamp::Timestamp};

    use super::*;

    #[test]
    fn a_report_from_before_enrolling_again_does_not_count() {
        let at = |s: i64| Timestamp::from_millis(s * 1_000);
        let agent = |contact: Option<i64>, status: Option<i64>| GuestAgent {
            kind: AgentKind::Waagent,
            version: "2.7.3".into(),
            enrolled_at: at(100),
            last_contact_at: contact.map(at),
            last_status_at: status.map(at),
            fetched_incarnation: None,
            reported_incarnation: None,
            relay_version: None,
            said: Default::default(),
            at_work: false,
        };
        assert!(!has_reported(&agent(Some(90), Some(90))));
        assert!(has_reported(&agent(Some(101), Some(101))));
        assert!(missing(&agent(Some(90), None), EnrolScript::Debian).contains("annex-agent-relay"));
        assert!(missing(&agent(Some(101), None), EnrolScript::Debian).contains("waagent.log"));
        assert!(missing(&agent(None, None), EnrolScript::Foreground).contains("annex-agent run"));
    }
}
