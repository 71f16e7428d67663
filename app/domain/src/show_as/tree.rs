//! Values in Bicep and in Terraform: the same shape, other punctuation.

use std::fmt::Write;

use serde_json::{Map, Value};

/// A value with expressions in it.
pub(super) enum Node {
    /// Written as it is.
    Expression(String),
    /// Data: nothing in it is an expression.
    Data(Value),
    /// Members in their order.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Members of a JSON object.
    pub(super) fn members(object: Map<String, Value>) -> Vec<(String, Self)> {
        object.into_iter().map(|(name, value)| (name, Self::Data(value))).collect()
    }
}

/// How a language writes things.
pub(super) struct Style {
    /// Between name and value.
    pub(super) assign: &'static str,
    /// After an element of a list.
    pub(super) comma: &'static str,
    /// A text with its quotes.
    pub(super) text: fn(&str) -> String,
    /// A number.
    pub(super) number: fn(&serde_json::Number) -> String,
}

impl Style {
    /// The value, its first line without indentation. `depth`: levels of two spaces at which it stands.
    pub(super) fn write(&self, node: &Node, depth: usize) -> String {
        let mut out = String::new();
        self.node(node, depth, &mut out);
        out
    }

    fn node(&self, node: &Node, depth: usize, out: &mut String) {
        match node {
            Node::Expression(text) => out.push_str(text),
            Node::Data(value) => self.value(value, depth, out),
            Node::Object(members) => {
                out.push('{');
                for (name, node) in members {
                    self.name(name, depth, out);
                    self.node(node, depth + 1, out);
                }
                close(members.is_empty(), depth, '}', out);
            }
        }
    }

    fn value(&self, value: &Value, depth: usize, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => out.push_str(&(self.number)(number)),
            Value::String(text) => out.push_str(&(self.text)(text)),
            Value::Array(items) => {
                out.push('[');
                for item in items {
                    new_line(depth + 1, out);
                    self.value(item, depth + 1, out);
                    out.push_str(self.comma);
                }
                close(items.is_empty(), depth, ']', out);
            }
            Value::Object(members) => {
                out.push('{');
                for (name, value) in members {
                    self.name(name, depth, out);
                    self.value(value, depth + 1, out);
                }
                close(members.is_empty(), depth, '}', out);
            }
        }
    }

    fn name(&self, name: &str, depth: usize, out: &mut String) {
        new_line(depth + 1, out);
        let reserved = ["for", "if", "in", "null", "true", "false"].contains(&name);
        let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let _ = match plain && !reserved {
            true => write!(out, "{name}{}", self.assign),
            false => write!(out, "{}{}", (self.text)(name), self.assign),
        };
    }
}

fn new_line(depth: usize, out: &mut String) {
    out.push('\n');
    (0..depth).for_each(|_| out.push_str("  "));
}

fn close(empty: bool, depth: usize, with: char, out: &mut String) {
    if !empty {
        new_line(depth, out);
    }
    out.push(with);
}
