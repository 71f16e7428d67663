//! "Show as": the same thing for programs, beside the button that does it.
//!
//! ```text
//!  link ?show-as=<id> ──click──► Showing.open = here ──► panel: tabs, text, copy     one panel a page
//!     └─ without scripts the server answers with the panel; its tabs are links, too (&as=<dialect>)
//!  typing anywhere on the page ──► Showing.typed ──► the text is made again from the form as it stands
//! ```
//! What is open belongs to the page, not to the part that shows it: a live update builds parts of a page anew.

mod form;
mod panel;

pub use form::{form_field, form_wanted};

use domain::show_as::{Asked, Deed, Dialect, MachinePlace};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::{paths, ui::Icon};

/// Machines and what is done with them, as it stands now.
pub type WhatIsAsked = Callback<(), (Vec<MachinePlace>, Deed)>;

/// Which panel of the page is open, and in which language.
#[derive(Clone, Copy)]
pub struct Showing {
    /// Path of the page and id of the panel.
    open: RwSignal<Option<(String, String)>>,
    dialect: RwSignal<Dialect>,
    /// Rises when something was typed.
    typed: RwSignal<u32>,
}

impl Showing {
    /// Somebody typed or chose something: what is shown is made again.
    pub fn note_typing(self) {
        if self.open.with_untracked(Option::is_some) {
            self.typed.update(|typed| *typed = typed.wrapping_add(1));
        }
    }
}

/// Makes [`ShowAs`] work below this component.
pub fn provide_showing() -> Showing {
    let (query, path) = (use_query_map(), use_location().pathname);
    let (open, dialect) = query.with_untracked(|query| {
        let dialect = query.get("as").and_then(|code| Dialect::parse(&code));
        (query.get("show-as").map(|id| (path.get_untracked(), id)), dialect.unwrap_or_default())
    });
    let showing = Showing { open: RwSignal::new(open), dialect: RwSignal::new(dialect), typed: RwSignal::new(0) };
    provide_context(showing);
    showing
}

/// Something that does not depend on a form.
pub fn fixed(machine: MachinePlace, deed: Deed) -> WhatIsAsked {
    Callback::new(move |()| (vec![machine.clone()], deed.clone()))
}

/// What only the portal does, and why.
pub fn portal_only(why: &'static str) -> WhatIsAsked {
    fixed(MachinePlace::unknown(), Deed::PortalOnly(why))
}

/// The quiet link, and the panel when it is open.
#[component]
pub fn ShowAs(
    /// Unique on the page; stands in the address.
    #[prop(into)]
    id: String,
    /// What would be done.
    asked: WhatIsAsked,
    /// The question (`?confirm=`) that it stands in.
    #[prop(optional, into)]
    within: String,
) -> impl IntoView {
    let showing = expect_context::<Showing>();
    let location = use_location();
    let key = (location.pathname.get_untracked(), id.clone());
    let href = address(&location.search.get_untracked(), &id, &within, None);
    let panel = format!("show-as-{id}");
    let here = key.clone();
    let open = Memo::new(move |_| showing.open.with(|open| open.as_ref() == Some(&here)));
    let toggle = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        showing.open.set((!open.get_untracked()).then(|| key.clone()));
    };
    let (controls, search) = (panel.clone(), location.search);
    view! {
        <div class="contents">
            <a
                class="btn btn-ghost btn-sm show-as-link"
                id=format!("{panel}-link")
                href=href
                aria-expanded=move || open.get().to_string()
                aria-controls=controls
                on:click=toggle
            >
                <Icon name="code" class="icon-14" />
                "Show as"
            </a>
            {move || {
                open.get()
                    .then(|| {
                        let tab = |dialect| address(&search.get_untracked(), &id, &within, Some(dialect));
                        let links = Dialect::ALL.map(tab);
                        view! { <panel::Panel id=panel.clone() links asked /> }
                    })
            }}
        </div>
    }
    .into_any()
}

/// The address that opens a panel without scripts; the rest of the page's address stays.
fn address(search: &str, id: &str, within: &str, dialect: Option<Dialect>) -> String {
    let own = ["show-as=", "as=", "confirm="];
    let rest = search.trim_start_matches('?').split('&');
    let rest: Vec<&str> =
        rest.filter(|pair| !pair.is_empty() && !own.iter().any(|own| pair.starts_with(own))).collect();
    let code = dialect.map(Dialect::code).unwrap_or_default();
    paths::with_query(&format!("?{}", rest.join("&")), &[("confirm", within), ("show-as", id), ("as", code)])
        .replace("?&", "?")
}

/// The whole question for one language.
fn whole(api: &domain::show_as::ApiPlace, asked: WhatIsAsked) -> Asked {
    let (machines, deed) = asked.run(());
    let machines = if machines.is_empty() { vec![MachinePlace::unknown()] } else { machines };
    Asked { place: domain::show_as::Place { api: api.clone(), machines }, deed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_what_the_page_was_asked_for() {
        assert_eq!(address("", "tags", "", None), "?show-as=tags");
        assert_eq!(
            address("?version=1.0&targets=a,b&confirm=x&show-as=y&as=arm", "go", "tags", Some(Dialect::Bicep)),
            "?version=1.0&targets=a,b&confirm=tags&show-as=go&as=bicep"
        );
    }
}
