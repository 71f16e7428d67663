//! Puts rows on the page without touching the rows that are there: a line that was printed is painted in the next frame,
//! however long the log is.

use leptos::tachys::dom::document;
use web_sys::Element;

use super::line::Row;

/// Adds rows at the end of `tail`. The structure is that of [`super::line::row_view`]; text stays text.
pub fn append(tail: &Element, rows: impl IntoIterator<Item = Row>) {
    let fragment = document().create_document_fragment();
    for row in rows {
        if let Some(element) = build(&row) {
            // appending to a fragment that nothing else holds cannot fail
            let _ = fragment.append_child(&element);
        }
    }
    let _ = tail.append_child(&fragment);
}

fn build(row: &Row) -> Option<Element> {
    let document = document();
    let line = document.create_element("div").ok()?;
    line.set_class_name(row.class);
    line.set_id(&row.id);
    line.set_attribute("data-stream", row.stream).ok()?;
    let link = document.create_element("a").ok()?;
    link.set_attribute("href", &format!("#{}", row.id)).ok()?;
    link.set_attribute("rel", "external").ok()?;
    link.set_attribute("aria-label", &format!("Line {}", row.number)).ok()?;
    link.set_text_content(Some(&row.number));
    let time = document.create_element("time").ok()?;
    time.set_text_content(Some(&row.time));
    let text = document.create_element("span").ok()?;
    text.set_text_content(Some(&row.text));
    line.append_child(&link).ok()?;
    line.append_child(&time).ok()?;
    line.append_child(&text).ok()?;
    Some(line)
}
