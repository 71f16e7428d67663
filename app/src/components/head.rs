//! The top of a page about one thing that has a state.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::Icon;

/// Heading with the thing's states beside it, facts below, actions at the side. Sets the document's title.
#[component]
pub fn StateHead(
    /// The heading.
    #[prop(into)]
    title: String,
    /// States beside it.
    chips: AnyView,
    /// Facts below: each in a `<span>`.
    facts: AnyView,
    /// Symbol of the thing.
    #[prop(optional_no_strip)]
    glyph: Option<&'static str>,
    /// Actions.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <div class="page-head">
            <div class="flex gap-4 items-start">
                {glyph
                    .map(|glyph| {
                        view! {
                            <span class="ext-glyph is-lg hide-small">
                                <Icon name=glyph class="icon-24" />
                            </span>
                        }
                    })}
                <div class="min-w-0">
                    <h1 class="flex flex-wrap gap-x-3 gap-y-1 items-center [overflow-wrap:anywhere]">{title} {chips}</h1>
                    <p class="lede dot-sep">{facts}</p>
                </div>
            </div>
            <div class="page-actions">{children()}</div>
        </div>
    }
}
