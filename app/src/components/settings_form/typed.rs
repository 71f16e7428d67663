//! What stands in the inputs now. Browser only: called from event handlers.

use std::collections::BTreeMap;

use wasm_bindgen::{JsCast, JsValue};

/// Setting name to typed text, from every input named `form[settings][…]` below `root`.
pub(super) fn read(root: &web_sys::Element) -> BTreeMap<String, String> {
    inputs(root, "[name^='form[settings][']")
        .into_iter()
        .filter_map(|input| {
            let name = input.get_attribute("name")?;
            let name = name.strip_prefix("form[settings][")?.strip_suffix(']')?.to_owned();
            Some((name, value(&input)?))
        })
        .collect()
}

/// The JSON text, when that is what is shown.
pub(super) fn json_text(root: &web_sys::Element) -> Option<String> {
    inputs(root, "[name='form[settings_json]']").first().and_then(value)
}

fn inputs(root: &web_sys::Element, selector: &str) -> Vec<web_sys::Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// Inputs, text areas and selections all have `value`; one look-up for the three keeps the module small.
fn value(input: &web_sys::Element) -> Option<String> {
    js_sys::Reflect::get(input, &JsValue::from_str("value")).ok()?.as_string()
}
