//! One icon of the sprite.

use leptos::prelude::*;
use maud::{Markup, html};

use super::still;

/// `name` is the id of a symbol in `/icons.svg`; `class` what it has beside `icon`.
pub fn icon(name: &str, class: &str) -> Markup {
    html! {
        svg class={ "icon " (class) } aria-hidden="true" {
            use href={ "/icons.svg#" (name) } {}
        }
    }
}

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
    still(icon(&name, class))
}
