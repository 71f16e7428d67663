//! One icon of the sprite.

use leptos::prelude::*;

/// `name` is the id of a symbol in `/icons.svg`. Decoration: the word stands beside it.
#[component]
pub fn Icon(
    /// Symbol id.
    #[prop(into)]
    name: Oco<'static, str>,
    /// More classes: `icon-12`, `icon-14`, `icon-20`, `spin`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("icon {class}") aria-hidden="true">
            <use href=format!("/icons.svg#{name}") />
        </svg>
    }
}
