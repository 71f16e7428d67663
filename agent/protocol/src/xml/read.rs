//! Text to tree.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{Element, MAX_DEPTH, MAX_NODES, Node};
use crate::ParseError;

/// Reads a document of at most `max` bytes and gives its root element; `what` names it in errors.
pub(crate) fn parse(bytes: &[u8], max: usize, what: &'static str) -> Result<Element, ParseError> {
    if bytes.len() > max {
        return Err(ParseError::TooLarge { what, size: bytes.len(), max });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| ParseError::malformed(what, error))?;
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { what, open: Vec::new(), root: None, nodes: 0 };
    loop {
        match reader.read_event().map_err(|error| ParseError::malformed(what, error))? {
            Event::Start(start) => tree.begin(&start)?,
            Event::Empty(start) => {
                tree.begin(&start)?;
                tree.end();
            }
            Event::End(_) => tree.end(),
            Event::Text(text) => {
                tree.text(&text.xml10_content().map_err(|error| ParseError::malformed(what, error))?)?
            }
            Event::GeneralRef(reference) => tree.reference(&reference)?,
            Event::CData(data) => {
                let data = data.xml10_content().map_err(|error| ParseError::malformed(what, error))?;
                let data = data.into_owned();
                tree.push(Node::CData(data))?;
            }
            Event::DocType(_) => return Err(ParseError::malformed(what, "document types are not accepted")),
            Event::Decl(_) | Event::PI(_) => {}
            // a comment separates text nodes
            Event::Comment(_) => tree.push(Node::CData(String::new()))?,
            Event::Eof => break,
        }
    }
    if !tree.open.is_empty() {
        return Err(ParseError::malformed(what, "the document ends inside an element"));
    }
    tree.root.ok_or_else(|| ParseError::malformed(what, "there is no root element"))
}

struct Tree {
    what: &'static str,
    open: Vec<Element>,
    root: Option<Element>,
    nodes: usize,
}

impl Tree {
    fn count(&mut self, nodes: usize) -> Result<(), ParseError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(ParseError::invalid(self.what, format!("more than {MAX_NODES} elements and attributes")));
        }
        Ok(())
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), ParseError> {
        let what = self.what;
        if self.open.len() >= MAX_DEPTH {
            return Err(ParseError::TooDeep { what, max: MAX_DEPTH });
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(ParseError::malformed(what, "there is more than one root element"));
        }
        let name = utf8(what, start.name().as_ref())?;
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| ParseError::malformed(what, error))?;
            let raw = utf8(what, &attribute.value)?;
            // only the predefined entities and character references: anything else is an error
            let value = quick_xml::escape::unescape(&raw).map_err(|error| ParseError::malformed(what, error))?;
            attributes.push((utf8(what, attribute.key.as_ref())?, value.into_owned()));
        }
        self.count(1 + attributes.len())?;
        self.open.push(Element { name, attributes, children: Vec::new() });
        Ok(())
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn push(&mut self, node: Node) -> Result<(), ParseError> {
        self.count(1)?;
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(node);
        }
        Ok(())
    }

    /// References split the parser's events but not the text node.
    fn text(&mut self, piece: &str) -> Result<(), ParseError> {
        match self.open.last_mut() {
            None if piece.trim().is_empty() => Ok(()),
            None => Err(ParseError::malformed(self.what, "there is text outside the root element")),
            Some(parent) => match parent.children.last_mut() {
                Some(Node::Text(text)) => {
                    text.push_str(piece);
                    Ok(())
                }
                _ => self.push(Node::Text(piece.to_owned())),
            },
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), ParseError> {
        let what = self.what;
        if let Some(character) = reference.resolve_char_ref().map_err(|error| ParseError::malformed(what, error))? {
            return self.text(character.encode_utf8(&mut [0; 4]));
        }
        let name = utf8(what, reference)?;
        let text = quick_xml::escape::resolve_predefined_entity(&name)
            .ok_or_else(|| ParseError::malformed(what, format!("the entity &{name}; is not accepted")))?;
        self.text(text)
    }
}

fn utf8(what: &'static str, bytes: &[u8]) -> Result<String, ParseError> {
    String::from_utf8(bytes.to_vec()).map_err(|error| ParseError::malformed(what, error))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::ParseError;

    fn read(text: &str) -> Result<super::Element, ParseError> {
        parse(text.as_bytes(), 1 << 20, "test")
    }

    #[test]
    fn first_text_node_only_and_never_cdata() {
        let root = read("<a>one &amp; &#x41;&lt;<b/>two</a>").unwrap();
        assert_eq!(root.text(), "one & A<");
        assert_eq!(read("<a><![CDATA[x]]></a>").unwrap().text(), "");
        assert_eq!(read("<a>one<!-- c -->two</a>").unwrap().text(), "one");
    }

    #[test]
    fn entities_and_document_types_are_refused() {
        for text in [
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            "<a>&x;</a>",
            "<a b='&x;'/>",
        ] {
            assert!(matches!(read(text), Err(ParseError::Malformed { .. })), "{text}");
        }
    }

    #[test]
    fn nesting_and_size_are_bounded() {
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        assert!(matches!(read(&deep), Err(ParseError::TooDeep { .. })));
        assert!(matches!(parse(b"<a/>", 3, "test"), Err(ParseError::TooLarge { .. })));
        assert!(read(&format!("<a>{}</a>", "<b/>".repeat(100_001))).is_err());
    }

    #[test]
    fn broken_documents_are_refused() {
        for text in ["", "x", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "<a b=1/>", "<a b='1' b='2'/>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn byte_order_mark_and_declaration_are_tolerated() {
        assert_eq!(read("\u{feff}<?xml version='1.0'?>\n<a/>\n").unwrap().name, "a");
    }
}
