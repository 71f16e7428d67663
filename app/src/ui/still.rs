//! Views that are written once and then stand still: icons, chips, the rows of long lists.
//!
//! A row of `view!` is some thirty nodes, each kept and compared on its own, on the server and again in the browser. What has
//! nothing in it that reacts is written as markup with maud (which escapes whatever it is given) and is one node for Leptos:
//! its element is taken over as the server wrote it. When the markup differs, only what differs in the page is changed, so a
//! link keeps the focus when something else in its list changes.

use leptos::tachys::{
    html::attribute::{Attribute, any_attribute::AnyAttribute},
    hydration::Cursor,
    renderer::{
        CastFrom, Rndr,
        types::{Element, Node},
    },
    view::{Mountable, Position, PositionState, Render, RenderHtml, add_attr::AddAnyAttr},
};
use maud::Markup;
use wasm_bindgen::JsCast;

use super::clock;

/// A view of markup that consists of exactly one element.
pub fn still(markup: Markup) -> Still {
    Still(markup.into_string())
}

/// One element that nothing in it changes.
#[derive(Debug)]
pub struct Still(String);

/// The element and what it was made from.
pub struct StillState(String, Element);

impl StillState {
    fn new(html: String) -> Self {
        let template = Rndr::create_element("template", None);
        template.set_inner_html(&html);
        let content = template.unchecked_ref::<web_sys::HtmlTemplateElement>().content();
        let element = content.first_element_child().expect("still markup is one element");
        clock::show_ages(&element);
        Self(html, element)
    }
}

impl Mountable for StillState {
    fn unmount(&mut self) {
        self.1.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.1.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.1.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.1.clone()]
    }
}

impl Render for Still {
    type State = StillState;

    fn build(self) -> StillState {
        StillState::new(self.0)
    }

    fn rebuild(self, state: &mut StillState) {
        if self.0 != state.0 {
            let new = StillState::new(self.0);
            let element = morph(&state.1, &new.1);
            *state = StillState(new.0, element);
        }
    }
}

/// Makes `old` look like `new` with as little change as their shapes allow; tells which element stands there now.
fn morph(old: &Element, new: &Element) -> Element {
    if old.is_equal_node(Some(new)) {
        return old.clone();
    }
    let (before, after) = (old.children(), new.children());
    // texts beside elements are not compared one by one
    let only_elements = old.child_nodes().length() == before.length() && new.child_nodes().length() == after.length();
    if old.tag_name() != new.tag_name() || before.length() == 0 || after.length() == 0 || !only_elements {
        old.replace_with_with_node_1(new).expect("an element that stands in the page can be replaced");
        return new.clone();
    }
    for name in old.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !new.has_attribute(&name) {
            old.remove_attribute(&name).expect("the name is an attribute's");
        }
    }
    for name in new.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        let value = new.get_attribute(&name).unwrap_or_default();
        old.set_attribute(&name, &value).expect("the name is an attribute's");
    }
    // live lists: taken down before anything moves
    let before: Vec<Element> = (0..before.length()).filter_map(|at| before.item(at)).collect();
    let after: Vec<Element> = (0..after.length()).filter_map(|at| after.item(at)).collect();
    for (old, new) in before.iter().zip(&after) {
        morph(old, new);
    }
    for gone in before.iter().skip(after.len()) {
        gone.remove();
    }
    for more in after.iter().skip(before.len()) {
        old.append_child(more).expect("an element takes another one");
    }
    old.clone()
}

impl AddAnyAttr for Still {
    type Output<SomeNewAttr: Attribute> = Self;

    /// Attributes stand in the markup; none can be added from outside.
    fn add_any_attr<NewAttr: Attribute>(self, _attr: NewAttr) -> Self {
        self
    }
}

impl RenderHtml for Still {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn html_len(&self) -> usize {
        self.0.len()
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
        buf.push_str(&self.0);
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> StillState {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        let element = Element::cast_from(cursor.current()).expect("the server wrote this element");
        position.set(Position::NextChild);
        StillState(self.0, element)
    }

    fn into_owned(self) -> Self {
        self
    }
}
