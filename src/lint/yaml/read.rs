//! Parses text to a tree of nodes, or to its defects.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Entry, Node, NodeKind, Scalar};
use crate::lint::position::Position;
use crate::lint::symbol::is_symbol;

/// How deeply nodes may be nested; workflows need a tenth of it.
const DEEPEST: usize = 100;

/// Why a text cannot be used as YAML.
#[derive(Debug, Clone)]
pub(crate) struct Defect {
    pub(crate) at: Position,
    pub(crate) kind: DefectKind,
}

#[derive(Debug, Clone)]
pub(crate) enum DefectKind {
    /// It is not YAML, and why.
    Syntax(String),
    /// A key that the same mapping has already, and where.
    Duplicate { key: String, first: Position },
}

/// Parses the first document of a text.
///
/// # Errors
/// Every duplicate key, and the first syntax error.
pub(crate) fn read(text: &str) -> Result<Option<Node>, Vec<Defect>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(at) = merge_marker(text) {
        let message = "a merge conflict was left in the file".to_owned();
        return Err(vec![Defect { at, kind: DefectKind::Syntax(message) }]);
    }
    let clean: String = text.chars().map(|c| if is_symbol(c) { ' ' } else { c }).collect();
    let mut builder = Builder::new(clean.as_str().into());
    match builder.build(&clean) {
        Ok(()) if builder.defects.is_empty() => Ok(builder.root),
        Ok(()) => Err(builder.defects),
        Err(defect) => {
            builder.defects.push(defect);
            Err(builder.defects)
        }
    }
}

/// The first conflict marker of a merge.
fn merge_marker(text: &str) -> Option<Position> {
    let at = text.lines().position(|line| {
        line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line == "======="
    })?;
    Some(Position { line: u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1), column: 1 })
}

/// A collection that is not yet closed.
struct Open {
    at: Position,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, seen: HashMap<String, Position>, key: Option<Scalar> },
}

struct Builder {
    source: Arc<str>,
    /// The index of a character, and its byte offset.
    cursor: (usize, usize),
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    defects: Vec<Defect>,
}

impl Builder {
    fn new(source: Arc<str>) -> Self {
        Self {
            source,
            cursor: (0, 0),
            open: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            defects: Vec::new(),
        }
    }

    fn build(&mut self, text: &str) -> Result<(), Defect> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| Defect {
                at: position(*error.marker()),
                kind: DefectKind::Syntax(error.info().to_owned()),
            })?;
            let at = position(span.start);
            match event {
                Event::Scalar(text, style, anchor, _) => {
                    let scalar = self.scalar(&text, span.start, style);
                    self.add(Node { at, kind: NodeKind::Scalar(scalar) }, anchor);
                }
                Event::SequenceStart(anchor, _) => {
                    self.push(at, anchor, Content::Sequence(Vec::new()))?;
                }
                Event::MappingStart(anchor, _) => {
                    let (entries, seen) = (Vec::new(), HashMap::new());
                    self.push(at, anchor, Content::Mapping { entries, seen, key: None })?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(),
                Event::Alias(anchor) => {
                    let empty = self.scalar("", span.start, ScalarStyle::Plain);
                    let empty = Node { at, kind: NodeKind::Scalar(empty) };
                    self.add(self.anchors.get(&anchor).cloned().unwrap_or(empty), 0);
                }
                Event::DocumentEnd => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, marker: Marker, style: ScalarStyle) -> Scalar {
        let start = self.offset(marker.index());
        Scalar::new(text, position(marker), style, (Arc::clone(&self.source), start))
    }

    /// The byte offset of a character, counted on from the last one: events come in the order of the
    /// file.
    fn offset(&mut self, index: usize) -> usize {
        let (mut at, mut byte) = self.cursor;
        if index < at {
            (at, byte) = (0, 0);
        }
        let rest = self.source.get(byte..).unwrap_or_default();
        let way = rest.char_indices().nth(index - at).map_or(rest.len(), |(offset, _)| offset);
        self.cursor = (index, byte + way);
        self.cursor.1
    }

    fn push(&mut self, at: Position, anchor: usize, content: Content) -> Result<(), Defect> {
        if self.open.len() >= DEEPEST {
            let message = "nested too deeply".to_owned();
            return Err(Defect { at, kind: DefectKind::Syntax(message) });
        }
        self.open.push(Open { at, anchor, content });
        Ok(())
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let kind = match open.content {
            Content::Sequence(items) => NodeKind::Sequence(items.into()),
            Content::Mapping { entries, .. } => NodeKind::Mapping(entries.into()),
        };
        self.add(Node { at: open.at, kind }, open.anchor);
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, seen, key }) => {
                if let Some(key) = key.take() {
                    entries.push(Entry { key, value: node });
                    return;
                }
                let scalar = key_of(&node);
                let text = scalar.text().to_owned();
                if let Some(first) = seen.get(&text) {
                    let kind = DefectKind::Duplicate { key: text, first: *first };
                    self.defects.push(Defect { at: node.at, kind });
                } else {
                    seen.insert(text, node.at);
                }
                *key = Some(scalar);
            }
        }
    }
}

/// A key; a collection as key means nothing to GitHub, and its position keeps it apart from others.
fn key_of(node: &Node) -> Scalar {
    node.scalar().cloned().unwrap_or_else(|| {
        let name = format!("? {}", node.at);
        Scalar::new(&name, node.at, ScalarStyle::Plain, (Arc::from(""), 0))
    })
}

fn position(marker: Marker) -> Position {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position { line: number(marker.line()).max(1), column: number(marker.col()).saturating_add(1) }
}
