//! Attributes that a person changes, too: which option is chosen, whether a dialog or a fold is open.
//!
//! With `--cfg erase_components` an element that is rendered again loses all its attributes and gets them back. That says
//! nothing new to most of them, but it closes an open dialog and takes back a choice: a live update would undo what somebody
//! just did. These are touched only when the page wants something else than it wanted before.

use leptos::tachys::{
    html::attribute::{
        Attribute, NextAttribute,
        any_attribute::{AnyAttribute, IntoAnyAttribute},
    },
    renderer::types::Element,
};
use wasm_bindgen::JsValue;

/// An attribute without a value that is there or not: `{..lasting("open", asked)}`.
pub const fn lasting(name: &'static str, on: bool) -> Lasting {
    Lasting { name, on }
}

/// See [`lasting`].
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    name: &'static str,
    on: bool,
}

impl Lasting {
    /// Notes on the element what the page wants; tells whether that is news.
    fn is_news(self, element: &Element) -> bool {
        let key = JsValue::from_str(&format!("annex-{}", self.name));
        let wanted = JsValue::from_bool(self.on);
        if js_sys::Reflect::get(element, &key).is_ok_and(|before| before == wanted) {
            return false;
        }
        // an element takes properties; were it refused, the attribute would only be set once more
        let _ = js_sys::Reflect::set(element, &key, &wanted);
        true
    }

    fn apply(self, element: &Element) {
        if self.is_news(element) {
            let done = match self.on {
                true => element.set_attribute(self.name, ""),
                false => element.remove_attribute(self.name),
            };
            debug_assert!(done.is_ok(), "{} is a name for an attribute", self.name);
        }
    }
}

impl Attribute for Lasting {
    const MIN_LENGTH: usize = 0;

    type State = Element;
    type AsyncOutput = Self;
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn html_len(&self) -> usize {
        self.name.len() + 1
    }

    fn to_html(self, buf: &mut String, _class: &mut String, _style: &mut String, _inner_html: &mut String) {
        if self.on {
            buf.push(' ');
            buf.push_str(self.name);
        }
    }

    fn hydrate<const FROM_SERVER: bool>(self, element: &Element) -> Element {
        self.is_news(element);
        element.clone()
    }

    fn build(self, element: &Element) -> Element {
        self.apply(element);
        element.clone()
    }

    fn rebuild(self, element: &mut Element) {
        self.apply(element);
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }
}

impl NextAttribute for Lasting {
    type Output<NewAttr: Attribute> = Vec<AnyAttribute>;

    fn add_any_attr<NewAttr: Attribute>(self, new_attr: NewAttr) -> Vec<AnyAttribute> {
        vec![self.into_any_attr(), new_attr.into_any_attr()]
    }
}
