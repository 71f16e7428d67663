//! Adding a machine: with one agent or another, as a lab machine, by an image, or without an agent.

mod arrival;
mod enrol;
mod image;
mod lab;
mod offer;
mod register;

use domain::enrolment::EnrolScript;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    paths,
    ui::{Crumbs, PageHead},
};

/// The ways, by `?mode=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Waagent,
    AnnexAgent,
    Foreground,
    Lab,
    Image,
    NoAgent,
}

impl Mode {
    const ALL: [Self; 6] = [Self::Waagent, Self::AnnexAgent, Self::Foreground, Self::Lab, Self::Image, Self::NoAgent];

    const fn code(self) -> &'static str {
        match self {
            Self::Waagent => "",
            Self::AnnexAgent => "annex-agent",
            Self::Foreground => "foreground",
            Self::Lab => "lab",
            Self::Image => "image",
            Self::NoAgent => "no-agent",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Waagent => "Azure Linux Agent",
            Self::AnnexAgent => "Annex agent only",
            Self::Foreground => "Container, WSL, no systemd",
            Self::Lab => "Lab machine",
            Self::Image => "Image",
            Self::NoAgent => "Without an agent",
        }
    }

    /// Which ones give a machine an agent by a script.
    const fn script(self) -> Option<EnrolScript> {
        match self {
            Self::Waagent => Some(EnrolScript::Debian),
            Self::AnnexAgent => Some(EnrolScript::AnnexAgent),
            Self::Foreground => Some(EnrolScript::Foreground),
            Self::Lab | Self::Image | Self::NoAgent => None,
        }
    }
}

/// Adding a machine. `?machine=` names a registered one that is to get an agent.
#[component]
pub fn VmNewPage() -> impl IntoView {
    let query = use_query_map();
    let read = move |name: &str| query.read().get(name).unwrap_or_default();
    let mode = Memo::new(move |_| {
        let code = read("mode");
        Mode::ALL.into_iter().find(|mode| mode.code() == code).unwrap_or(Mode::Waagent)
    });
    let machine = Memo::new(move |_| read("machine").parse::<domain::ids::VmId>().ok());
    let script = Memo::new(move |_| {
        let family = EnrolScript::parse(&read("family")).filter(|script| script.is_waagent());
        mode.get().script().map(|usual| family.filter(|_| mode.get() == Mode::Waagent).unwrap_or(usual))
    });
    let named = move || machine.get().map(|id| id.to_string()).unwrap_or_default();
    let tab = move |one: Mode| {
        let href = move || paths::with_query(paths::VM_NEW, &[("mode", one.code()), ("machine", &named())]);
        view! {
            <a href=href aria-current=move || (mode.get() == one).then_some("page")>
                {one.label()}
            </a>
        }
    };
    // a registered machine gets an agent; the other ways make machines
    let tabs = move || {
        let fits = |one: &Mode| machine.get().is_none() || one.script().is_some();
        Mode::ALL.into_iter().filter(fits).map(tab).collect_view()
    };
    let family = move |one: EnrolScript| {
        let href = move || paths::with_query(paths::VM_NEW, &[("family", one.code()), ("machine", &named())]);
        view! {
            <a href=href aria-current=move || (script.get() == Some(one)).then_some("page")>
                {one.label()}
            </a>
        }
    };
    let families = move || {
        (mode.get() == Mode::Waagent).then(|| {
            view! {
                <nav class="segmented flex-wrap mb-4" aria-label="Distribution">
                    {EnrolScript::FAMILIES.map(family).collect_view()}
                </nav>
            }
        })
    };
    // stays while one goes from script to script, so that a token that was made is not lost
    let by_script = Memo::new(move |_| script.get().is_some());
    view! {
        <Crumbs above=vec![(paths::VMS.to_owned(), "Machines".to_owned())] here="Add" />
        <PageHead
            title="Add a machine"
            lede="Give a machine of yours an agent with one command, or start a lab machine to try things out."
        />
        <nav class="tabs" aria-label="Kind of machine">
            {tabs}
        </nav>
        {families}
        {move || {
            if by_script.get() {
                let script = Memo::new(move |_| script.get().unwrap_or(EnrolScript::Debian));
                return view! { <enrol::Enrol script machine /> }.into_any();
            }
            match mode.get() {
                Mode::Image => view! { <image::Image /> }.into_any(),
                Mode::NoAgent => view! { <register::Register /> }.into_any(),
                _ => view! { <lab::Lab /> }.into_any(),
            }
        }}
    }
}
