//! A small XML tree for small documents, bounded in every direction.
//!
//! Reads what the standard agent's XML reader reads (elements by exact unprefixed name, text = the *first text node*,
//! never CDATA), and refuses what no document of the wire protocol needs: document types, entities other than the five
//! predefined ones and character references, deep nesting, many nodes.

mod element;
mod read;
mod write;

pub(crate) use element::{Element, Node};
pub(crate) use read::parse;
pub(crate) use write::Writer;

/// Deepest nesting of elements.
pub(crate) const MAX_DEPTH: usize = 32;
/// Most elements, attributes and text nodes in one document.
pub(crate) const MAX_NODES: usize = 100_000;
