//! What surrounds every page of somebody who is signed in: navigation, top bar, connection, notes.

use domain::{actor::Permission, fault::Fault, home, live::Topic, name::ResourceGroupName};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

use crate::{
    calls,
    components::{
        connection::{ConnectionDot, LostBar},
        part::part,
        show_as::provide_showing,
    },
    error::UiError,
    live::use_live,
    pages::NAVIGATION,
    paths,
    session::Theme,
    ui::{Icon, ToastStack, again_later},
};

/// What the frame knows: who is signed in, and the counts beside the navigation.
#[derive(Clone, Copy)]
pub struct FrameData(pub Resource<Result<home::Frame, UiError>>);

/// The frame's data, for pages that must know who is signed in.
pub fn use_frame() -> FrameData {
    expect_context()
}

impl FrameData {
    /// Why the signed-in person may not do `permission` in the whole portal; `None`: may. Await it in the page's own
    /// `Suspend`.
    pub async fn refusal(self, permission: Permission) -> Option<Fault> {
        self.0.await.ok().and_then(|frame| frame.actor.require(permission).err())
    }

    /// The same in a resource group.
    pub async fn refusal_in(self, permission: Permission, group: &ResourceGroupName) -> Option<Fault> {
        self.0.await.ok().and_then(|frame| frame.actor.require_in(permission, group).err())
    }

    /// Why the signed-in person may do `permission` nowhere: for what is chosen later, machine by machine.
    pub async fn refusal_anywhere(self, permission: Permission) -> Option<Fault> {
        self.0.await.ok().and_then(|frame| frame.actor.require_somewhere(permission).err())
    }
}

/// The frame; the page itself is its outlet.
#[component]
pub fn Frame() -> impl IntoView {
    let data = Resource::new(|| (), |()| calls::account::frame());
    provide_context(FrameData(data));
    let showing = provide_showing();
    use_live(|| vec![Topic::Vms, Topic::Operations], move || data.refetch());
    let location = use_location();
    #[cfg(feature = "ssr")]
    redirect_strangers(&paths::address(&location.pathname.get_untracked(), &location.search.get_untracked()));
    let (pathname, search) = (location.pathname, location.search);
    Effect::new(move |_| {
        let Some(Err(error)) = data.get() else { return };
        again_later(data, &error.0);
        if error.0.kind == domain::fault::FaultKind::Unauthenticated {
            let next = paths::address(&pathname.get_untracked(), &search.get_untracked());
            let _ = window().location().set_href(&paths::with_query(paths::SIGN_IN, &[("next", &next)]));
        }
    });
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="app-shell">
            <Rail data />
            <div class="main-col">
                <TopBar data />
                <LostBar />
                <main
                    id="main"
                    tabindex="-1"
                    on:input=move |_| showing.note_typing()
                    on:change=move |_| showing.note_typing()
                >
                    <Outlet />
                </main>
            </div>
            <BottomBar />
        </div>
        <ToastStack />
    }
    .into_any()
}

/// Pages are for people who are signed in. The data behind them is guarded by itself; this only spares a wall of errors.
#[cfg(feature = "ssr")]
fn redirect_strangers(next: &str) {
    if use_context::<crate::session::RequestScope>().is_some_and(|scope| scope.actor.is_none()) {
        leptos_axum::redirect(&paths::with_query(paths::SIGN_IN, &[("next", next)]));
    }
}

/// Is `href` where we are? Home only exactly; the others with everything below them.
fn is_current(href: &str, pathname: &str) -> bool {
    let below = href != paths::HOME && pathname.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    pathname == href || below || (href == paths::MARKETPLACE && pathname.starts_with("/install/"))
}

#[component]
fn Rail(data: Resource<Result<home::Frame, UiError>>) -> impl IntoView {
    let pathname = use_location().pathname;
    let item = move |href: &'static str, icon: &'static str, label: &'static str, count: Option<AnyView>| {
        view! {
            <li>
                <a href=href title=label aria-current=move || is_current(href, &pathname.get()).then_some("page")>
                    <Icon name=icon />
                    <span>{label}</span>
                    {count}
                </a>
            </li>
        }
    };
    let counts = move |href: &str| match href {
        paths::VMS => Some(part(data, |frame| view! { <span class="rail-count">{frame.machines}</span> }.into_any())),
        paths::OPERATIONS => Some(part(data, |frame| {
            let open = frame.open_operations;
            (open > 0).then(|| view! { <span class="rail-count" data-state="running">{open}</span> }).into_any()
        })),
        _ => None,
    };
    view! {
        <nav class="rail-nav" aria-label="Main">
            <a class="rail-brand" href=paths::HOME aria-label="Annex, home">
                <Wordmark />
            </a>
            <ul>
                {NAVIGATION
                    .into_iter()
                    .map(|(href, icon, label)| item(href, icon, label, counts(href)))
                    .collect_view()}
            </ul>
            <div class="rail-foot">
                <ul>
                    {item(paths::ACCESS, "lock", "Access", None)}
                    {item(paths::API, "code", "API", None)}
                    {item(paths::ACCOUNT, "user", "Account", None)}
                </ul>
                <p class="rail-build meta">
                    "Annex "
                    {part(data, |frame| frame.version.into_any())}
                </p>
            </div>
        </nav>
    }
    .into_any()
}

#[component]
fn TopBar(data: Resource<Result<home::Frame, UiError>>) -> impl IntoView {
    view! {
        <header class="top-bar">
            <a class="only-small top-home" href=paths::HOME aria-label="Annex, home">
                <Logo />
            </a>
            <div class="grow-bar"></div>
            {part(data, |frame| operations_pill(&frame).into_any())}
            <ConnectionDot />
            <ThemeToggle />
            {part(data, |frame| avatar(&frame))}
        </header>
    }
    .into_any()
}

fn avatar(frame: &home::Frame) -> AnyView {
    let name = frame.actor.name.clone();
    view! {
        <a class="avatar hide-small" href=paths::ACCOUNT title=name.clone()>
            <span aria-hidden="true">{initials(&name)}</span>
            <span class="sr-only">{format!("{name}, account")}</span>
        </a>
    }
    .into_any()
}

fn operations_pill(frame: &home::Frame) -> Option<AnyView> {
    let (open, failed) = (frame.open_operations, frame.failed_operations);
    (open + failed > 0).then(|| {
        view! {
            <a class="ops-pill" href=paths::OPERATIONS class:is-still=open == 0>
                {(open > 0)
                    .then(|| {
                        view! {
                            <Icon name="arc" class="icon-14 spin" />
                            <span>
                                {open}<span class="sr-only">" operations"</span> <span class="hide-small">" running"</span>
                            </span>
                        }
                    })}
                {(failed > 0)
                    .then(|| {
                        view! {
                            <span class="err">
                                <Icon name="cross" class="icon-12" />
                                {failed}
                                <span class="sr-only">" failed in the last 24 hours"</span>
                            </span>
                        }
                    })}
            </a>
        }
        .into_any()
    })
}

/// Up to two letters for the round badge.
fn initials(name: &str) -> String {
    let mut parts = name.split(['.', '-', '_', ' ', '@']).filter_map(|part| part.chars().next());
    parts.by_ref().take(2).flat_map(char::to_uppercase).collect()
}

/// Switches between light and dark by a plain form; the account page also offers "as the system".
#[component]
fn ThemeToggle() -> impl IntoView {
    let location = use_location();
    let next = move || paths::address(&location.pathname.get(), &location.search.get());
    view! {
        <form method="post" action=paths::THEME>
            <input type="hidden" name="next" value=next />
            <button class="btn btn-ghost btn-icon theme-to-dark" name="theme" value=Theme::Dark.code() aria-label="Dark colours">
                <Icon name="moon" />
            </button>
            <button class="btn btn-ghost btn-icon theme-to-light" name="theme" value=Theme::Light.code() aria-label="Light colours">
                <Icon name="sun" />
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn BottomBar() -> impl IntoView {
    let pathname = use_location().pathname;
    let items = [NAVIGATION[0], NAVIGATION[1], NAVIGATION[2], NAVIGATION[3], (paths::ACCOUNT, "menu", "More")];
    view! {
        <nav class="bottom-nav" aria-label="Main, small screen">
            {items
                .into_iter()
                .map(|(href, icon, label)| {
                    let current = move || {
                        let here = pathname.get();
                        let more = href == paths::ACCOUNT
                            && [paths::ACCESS, paths::ACTIVITY, paths::API].iter().any(|p| is_current(p, &here));
                        (more || is_current(href, &here)).then_some("page")
                    };
                    view! {
                        <a href=href aria-current=current>
                            <Icon name=icon class="icon-20" />
                            {label}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
    .into_any()
}

/// The name as drawn.
#[component]
pub fn Wordmark() -> impl IntoView {
    view! {
        <svg class="wordmark" viewBox="0 0 113 26" role="img" aria-label="Annex">
            <rect x="1.5" y="4.5" width="12" height="18" rx="2.75" fill="none" stroke="currentColor" stroke-width="2.5" />
            <path class="logo-accent" d="M16 11.25h4.25A2.75 2.75 0 0 1 23 14v7a2.75 2.75 0 0 1-2.75 2.75H16z" />
            <g
                class="letters"
                fill="none"
                stroke="currentColor"
                stroke-width="2.5"
                stroke-linecap="round"
                stroke-linejoin="round"
            >
                <path d="M33 22.5 40.25 4.5 47.5 22.5M35.6 16.25h9.3" />
                <path d="M53 10v12.5M53 15.25C53 12 54.9 10 57.75 10s4.75 2 4.75 5.25v7.25" />
                <path d="M69 10v12.5M69 15.25C69 12 70.9 10 73.75 10s4.75 2 4.75 5.25v7.25" />
                <path d="M85 16h10.75C95.75 12.5 93.6 10 90.4 10 87.2 10 84.75 12.6 84.75 16.25s2.4 6.25 5.75 6.25c2.2 0 3.9-1 4.9-2.75" />
                <path d="m101.5 10 9.5 12.5M111 10l-9.5 12.5" />
            </g>
        </svg>
    }
    .into_any()
}

/// The sign alone.
#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg viewBox="0 0 26 26" width="24" height="24" aria-hidden="true">
            <rect x="1.5" y="4.5" width="12" height="18" rx="2.75" fill="none" stroke="currentColor" stroke-width="2.5" />
            <path class="logo-accent" d="M16 11.25h4.25A2.75 2.75 0 0 1 23 14v7a2.75 2.75 0 0 1-2.75 2.75H16z" />
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn navigation_marks_where_we_are() {
        assert!(is_current(paths::VMS, "/vms/1") && !is_current(paths::VMS, "/vmsx"));
        assert!(is_current(paths::HOME, "/") && !is_current(paths::HOME, "/vms"));
        assert!(is_current(paths::MARKETPLACE, "/install/a/b"));
        assert_eq!([initials("ana.petrovic"), initials("owner")], ["AP", "O"]);
    }
}
