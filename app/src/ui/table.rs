//! Tables whose rows become cards on small screens.

use leptos::prelude::*;
use maud::{Markup, html};

use super::still;

/// A list's table: it scrolls sideways within itself, and its name is read out.
pub fn list_table(name: &'static str, heads: impl IntoView, rows: impl IntoView) -> AnyView {
    let rows = rows.into_any();
    table(name, heads.into_any(), view! { <tbody role="rowgroup">{rows}</tbody> }.into_any())
}

/// The same with rows that stand still.
pub fn still_table(name: &'static str, heads: impl IntoView, rows: &Markup) -> AnyView {
    table(name, heads.into_any(), still(html! { tbody role="rowgroup" { (rows) } }).into_any())
}

fn table(name: &'static str, heads: AnyView, body: AnyView) -> AnyView {
    view! {
        <div class="table-wrap !rounded-t-card" tabindex="0" role="region" aria-label=name>
            <table role="table" class="virtual-table is-list">
                <thead role="rowgroup">
                    <tr role="row">{heads}</tr>
                </thead>
                {body}
            </table>
        </div>
    }
    .into_any()
}

/// The head of a column. `class`: `num` for one that is read from the right.
pub fn head(label: &'static str, class: &'static str) -> AnyView {
    view! {
        <th role="columnheader" scope="col" class=class>
            {label}
        </th>
    }
    .into_any()
}
