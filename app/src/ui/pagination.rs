//! Links to the other pages of a list.

use leptos::prelude::*;

use super::Icon;

/// "51–100 of 230" with links to the page before and after; nothing when all rows are on one page.
#[component]
pub fn Pagination(
    /// This page, from 1.
    page: u32,
    /// Rows a page.
    size: u32,
    /// Rows on all pages.
    total: u64,
    /// The address of a page.
    href: impl Fn(u32) -> String,
) -> impl IntoView {
    let (page, size) = (page.max(1), size.max(1));
    let last = u32::try_from(total.div_ceil(u64::from(size))).unwrap_or(u32::MAX).max(1);
    let first_row = u64::from(page - 1) * u64::from(size) + 1;
    let last_row = (first_row + u64::from(size) - 1).min(total);
    let step = |to: u32, possible: bool, label: &'static str, icon: &'static str| {
        if possible {
            let rel = if to > page { "next" } else { "prev" };
            view! { <a class="btn btn-sm" rel=rel href=href(to)><Icon name=icon class="icon-14" />{label}</a> }
                .into_any()
        } else {
            ().into_any()
        }
    };
    (last > 1).then(|| {
        view! {
            <nav class="table-note" aria-label="Pages">
                <span class="num">{format!("{first_row}–{last_row} of {total}")}</span>
                {step(page.saturating_sub(1), page > 1, "Before", "chevron-left")}
                {step(page + 1, page < last, "After", "chevron-right")}
            </nav>
        }
    })
}
