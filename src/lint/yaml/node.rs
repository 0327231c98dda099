//! The tree of a YAML document.

use std::sync::Arc;

use super::Scalar;
use crate::lint::position::Position;

/// A node; copies share its children, so that aliases cost nothing.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) kind: NodeKind,
}

#[derive(Debug, Clone)]
pub(crate) enum NodeKind {
    Scalar(Scalar),
    Sequence(Arc<[Node]>),
    Mapping(Arc<[Entry]>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Scalar,
    pub(crate) value: Node,
}

impl Node {
    /// The value of a key, if this is a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A key with its value.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text() == key)
    }

    /// The entries of a mapping, none for other nodes.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            NodeKind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence, none for other nodes.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The scalar, if this is one.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().map(Scalar::text)
    }

    /// The text of a key's scalar.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text)
    }

    /// A scalar or a list of them, as GitHub accepts it for `needs` or `on`.
    pub(crate) fn texts(&self) -> Vec<String> {
        match &self.kind {
            NodeKind::Scalar(scalar) => vec![scalar.text().to_owned()],
            NodeKind::Sequence(items) => {
                items.iter().filter_map(Node::text).map(str::to_owned).collect()
            }
            NodeKind::Mapping(entries) => {
                entries.iter().map(|entry| entry.key.text().to_owned()).collect()
            }
        }
    }
}
