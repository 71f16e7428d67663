//! Tree to text, without a tree: a document is written in one go.

use std::borrow::Cow;

/// Writes one document; every text and attribute value is escaped.
pub(crate) struct Writer {
    out: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// A document that begins with the XML declaration and the root element.
    pub(crate) fn document(root: &'static str, attributes: &[(&str, &str)]) -> Self {
        let mut writer = Self { out: String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"), open: Vec::new() };
        writer.begin(root, attributes);
        writer
    }

    /// A piece of a document without declaration and root.
    pub(crate) fn fragment() -> Self {
        Self { out: String::new(), open: Vec::new() }
    }

    pub(crate) fn begin(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> &mut Self {
        self.tag(name, attributes);
        self.out.push('>');
        self.open.push(name);
        self
    }

    pub(crate) fn end(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> &mut Self {
        self.tag(name, attributes);
        self.out.push_str("/>");
        self
    }

    /// An element with text; no white space is added around it, because readers do not trim.
    pub(crate) fn leaf(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.leaf_with(name, &[], text)
    }

    pub(crate) fn leaf_with(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) -> &mut Self {
        self.begin(name, attributes);
        self.out.push_str(&escape(text));
        self.end()
    }

    /// A CDATA section. `]]>` inside is split over two sections.
    pub(crate) fn cdata(&mut self, text: &str) -> &mut Self {
        self.out.push_str("<![CDATA[");
        self.out.push_str(&printable(text).replace("]]>", "]]]]><![CDATA[>"));
        self.out.push_str("]]>");
        self
    }

    /// Text that holds no markup and whose line ends must stay line ends, such as base64.
    pub(crate) fn verbatim(&mut self, text: &str) -> &mut Self {
        debug_assert!(!text.contains(['&', '<', '>']));
        self.out.push_str(text);
        self
    }

    /// Closes what is open and gives the text.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            self.out.push_str(&escape(value));
            self.out.push('"');
        }
    }
}

/// Escapes markup, and writes line ends as references so that no reader normalises them. Characters that XML cannot
/// carry at all become U+FFFD.
fn escape(text: &str) -> String {
    let text = printable(text);
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            _ => out.push(character),
        }
    }
    out
}

fn printable(text: &str) -> Cow<'_, str> {
    let unprintable = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(unprintable) { Cow::Owned(text.replace(unprintable, "\u{fffd}")) } else { Cow::Borrowed(text) }
}
