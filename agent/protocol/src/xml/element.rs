//! The tree: elements, their attributes, their children.

use crate::ParseError;

/// A child of an element.
#[derive(Debug)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
    CData(String),
}

/// An element with its attributes and children.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Node>,
}

impl Element {
    /// Child elements, in order.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) | Node::CData(_) => None,
        })
    }

    /// Child elements of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |element| element.name == name)
    }

    /// The first child element of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// The first element of a name anywhere below this one, in document order.
    pub(crate) fn find(&self, name: &str) -> Option<&Element> {
        self.elements().find_map(|element| if element.name == name { Some(element) } else { element.find(name) })
    }

    /// Every element of a name anywhere below this one, in document order.
    pub(crate) fn find_all<'a>(&'a self, name: &str) -> Vec<&'a Element> {
        let mut found = Vec::new();
        self.collect(name, &mut found);
        found
    }

    fn collect<'a>(&'a self, name: &str, found: &mut Vec<&'a Element>) {
        for element in self.elements() {
            if element.name == name {
                found.push(element);
            }
            element.collect(name, found);
        }
    }

    /// An attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An attribute that must be there.
    pub(crate) fn required_attribute(&self, what: &'static str, name: &'static str) -> Result<&str, ParseError> {
        self.attribute(name).ok_or(ParseError::Missing { what, item: name })
    }

    /// The first text node; CDATA never counts, as for the standard agent.
    pub(crate) fn text(&self) -> &str {
        let text = self.children.iter().find_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) | Node::CData(_) => None,
        });
        text.unwrap_or("")
    }

    /// The text of the first element of a name anywhere below.
    pub(crate) fn find_text(&self, name: &str) -> Option<&str> {
        self.find(name).map(Element::text)
    }

    /// The text of an element that must be there and must not be empty.
    pub(crate) fn required_text(&self, what: &'static str, name: &'static str) -> Result<&str, ParseError> {
        self.find_text(name).filter(|text| !text.is_empty()).ok_or(ParseError::Missing { what, item: name })
    }

    /// Reads a number, naming the item when it is none.
    pub(crate) fn number<T: std::str::FromStr>(what: &'static str, item: &str, text: &str) -> Result<T, ParseError> {
        text.trim().parse().map_err(|_| ParseError::invalid(what, format!("{item} {text:?} is no number in range")))
    }

    /// Checks this element's name.
    pub(crate) fn expect(self, what: &'static str, name: &'static str) -> Result<Self, ParseError> {
        if self.name == name { Ok(self) } else { Err(ParseError::Missing { what, item: name }) }
    }
}
