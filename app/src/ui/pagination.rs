//! Links to the other pages of a list, and how long its pages are.

use domain::page::PageRequest;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::Icon;

/// The page that an address asks for, as `?page=` and `?rows=`.
pub fn page_asked(query: &ParamsMap) -> PageRequest {
    let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
    let usual = PageRequest::default();
    PageRequest::new(number("page").unwrap_or(usual.number), number("rows").unwrap_or(usual.size))
}

/// The values of `page` and `rows` in an address; empty for what is usual.
pub fn page_query(page: PageRequest) -> [String; 2] {
    let usual = PageRequest::default();
    let unless_usual = |value: u32, usual: u32| if value == usual { String::new() } else { value.to_string() };
    [unless_usual(page.number, usual.number), unless_usual(page.size, usual.size)]
}

/// "51–100 of 230" with links to the page before and after, and the choice of rows a page; nothing for a list that fits on
/// the shortest page.
#[component]
pub fn Pagination(
    /// This page.
    page: PageRequest,
    /// Rows on all pages.
    total: u64,
    /// The address of a page.
    href: impl Fn(PageRequest) -> String,
) -> impl IntoView {
    let size = u64::from(page.size);
    if total <= u64::from(PageRequest::SIZES[0].min(page.size)) {
        return ().into_any();
    }
    let first_row = u64::from(page.number - 1) * size + 1;
    let last_row = (first_row + size - 1).min(total);
    let step = |number: u32, possible: bool, rel: &'static str, label: &'static str, icon: &'static str| {
        possible.then(|| {
            let href = href(PageRequest { number, ..page });
            view! { <a class="btn btn-sm" rel=rel href=href><Icon name=icon class="icon-14" />{label}</a> }
        })
    };
    let sizes = PageRequest::SIZES.map(|size| {
        let current = (size == page.size).then_some("true");
        view! { <a href=href(PageRequest::new(1, size)) aria-current=current>{size}</a> }
    });
    view! {
        <div class="table-note">
            <nav class="contents" aria-label="Pages">
                <span class="num">{format!("{first_row}–{last_row} of {total}")}</span>
                {step(page.number.saturating_sub(1), page.number > 1, "prev", "Before", "chevron-left")}
                {step(page.number + 1, last_row < total, "next", "After", "chevron-right")}
            </nav>
            <span class="ms-auto">"Rows"</span>
            <nav class="segmented" aria-label="Rows a page">{sizes.into_iter().collect_view()}</nav>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_the_page_within_the_limits() {
        let asked = |pairs: &[(&str, &str)]| {
            let mut map = ParamsMap::new();
            pairs.iter().for_each(|(name, value)| map.insert((*name).to_owned(), (*value).to_owned()));
            page_asked(&map)
        };
        assert_eq!(asked(&[]), PageRequest::default());
        assert_eq!(asked(&[("page", "3"), ("rows", "100")]), PageRequest { number: 3, size: 100 });
        assert_eq!(asked(&[("page", "0"), ("rows", "9999")]), PageRequest { number: 1, size: 200 });
        assert_eq!(asked(&[("page", "-1"), ("rows", "many")]), PageRequest::default());
        assert_eq!(page_query(PageRequest { number: 3, size: 100 }), ["3", "100"]);
        assert_eq!(page_query(PageRequest::default()), ["", ""]);
    }
}
