//! The open panel: a tab for each language, the text, and what is needed for it.

use domain::{
    home,
    show_as::{ApiPlace, Deed, Dialect, Shown, show},
};
use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen::JsCast;

use super::{Showing, WhatIsAsked, whole};
use crate::{
    components::{frame::use_frame, part::part},
    ui::CopyButton,
};

/// The panel. `links`: where each tab leads without scripts.
#[component]
pub(super) fn Panel(id: String, links: [String; 5], asked: WhatIsAsked) -> impl IntoView {
    let frame = use_frame();
    part(frame.0, move |frame: home::Frame| match asked.run(()).1 {
        Deed::PortalOnly(why) => view! {
            <p class="field-hint show-as-panel" id=id.clone()>
                {why}
            </p>
        }
        .into_any(),
        _ => tabs(id.clone(), links.clone(), frame.api, asked),
    })
}

fn tabs(id: String, links: [String; 5], api: ApiPlace, asked: WhatIsAsked) -> AnyView {
    let showing = expect_context::<Showing>();
    let dialect = showing.dialect;
    let shown = Memo::new(move |_| {
        showing.typed.track();
        show(dialect.get(), &whole(&api, asked))
    });
    let text = Signal::derive(move || match shown.get() {
        Shown::Text(text) => text,
        Shown::No(_) => String::new(),
    });
    let (text_id, tab_id) = (format!("{id}-text"), {
        let id = id.clone();
        move |dialect: Dialect| format!("{id}-{}", dialect.code())
    });
    let label = tab_id.clone();
    let by_key = {
        let tab_id = tab_id.clone();
        move |event: KeyboardEvent| {
            if let Some(next) = neighbour(dialect.get_untracked(), &event.key()) {
                event.prevent_default();
                dialect.set(next);
                focus(&tab_id(next));
            }
        }
    };
    let controls = text_id.clone();
    let tab = move |(one, href): (Dialect, String)| {
        view! {
            <a
                role="tab"
                id=tab_id(one)
                href=href
                aria-controls=controls.clone()
                aria-selected=move || (dialect.get() == one).to_string()
                tabindex=move || if dialect.get() == one { "0" } else { "-1" }
                on:click=move |event| {
                    event.prevent_default();
                    dialect.set(one);
                }
            >
                {one.label()}
            </a>
        }
    };
    let has_text = Memo::new(move |_| shown.with(|shown| matches!(shown, Shown::Text(_))));
    let body = move || {
        let label = label(dialect.get());
        match shown.get() {
            Shown::Text(text) => view! {
                <pre role="tabpanel" id=text_id.clone() aria-labelledby=label tabindex="0">
                    {text}
                </pre>
            }
            .into_any(),
            Shown::No(why) => view! {
                <p class="p-3 text-table" role="tabpanel" id=text_id.clone() aria-labelledby=label tabindex="0">
                    {why}
                </p>
            }
            .into_any(),
        }
    };
    view! {
        <section class="code-block show-as-panel" id=id aria-label="Show as">
            <header>
                <div class="segmented" role="tablist" aria-label="Language" on:keydown=by_key>
                    {Dialect::ALL.into_iter().zip(links).map(tab).collect_view()}
                </div>
                <span class="contents" hidden=move || !has_text.get()>
                    <CopyButton text label="Copy the text" />
                </span>
            </header>
            {body}
            <footer>
                <p>{move || has_text.get().then(|| dialect.get().hint())}</p>
                <p>"No secret is in it: write yours in place of what stands in <angle brackets>, or give it as the parameter."</p>
            </footer>
        </section>
    }
    .into_any()
}

/// Where a key leads from a tab.
fn neighbour(from: Dialect, key: &str) -> Option<Dialect> {
    let all = Dialect::ALL;
    let at = all.iter().position(|one| *one == from)?;
    let to = match key {
        "ArrowRight" => (at + 1) % all.len(),
        "ArrowLeft" => (at + all.len() - 1) % all.len(),
        "Home" => 0,
        "End" => all.len() - 1,
        _ => return None,
    };
    Some(all[to])
}

fn focus(id: &str) {
    let tab = document().get_element_by_id(id).and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(tab) = tab {
        let _ = tab.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_around() {
        assert_eq!(neighbour(Dialect::Az, "ArrowLeft"), Some(Dialect::Terraform));
        assert_eq!(neighbour(Dialect::Terraform, "ArrowRight"), Some(Dialect::Az));
        assert_eq!(
            (neighbour(Dialect::Arm, "Home"), neighbour(Dialect::Arm, "End")),
            (Some(Dialect::Az), Some(Dialect::Terraform))
        );
        assert_eq!(neighbour(Dialect::Arm, "a"), None);
    }
}
