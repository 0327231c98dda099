//! A reference in parts: what is known of it as text, and the rest by what it stands for.

use crate::lint::reference::Reference;
use crate::lint::symbol::{SymbolKind, Symbols, is_symbol};

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Known text.
    Text(String),
    /// The SHA of a commit, or its first digits.
    Sha,
    /// A version, or the name of a git tag.
    Version,
    /// Something that is not known, as people write it: `${{ vars.REGISTRY }}`.
    Unknown(String),
}

/// One text that a reference may have.
pub(super) struct Reading {
    pub(super) host: Vec<Part>,
    pub(super) path: Vec<Part>,
    pub(super) tag: Vec<Part>,
}

/// How many texts of one reference are told apart.
const MOST: usize = 64;
/// How deep the choices of a symbol may contain other symbols with choices.
const DEEPEST: usize = 8;
/// Separates host, path and tag; no reference has it.
const SEPARATOR: char = '\n';

/// All texts that a reference may have, by the values that its unknown parts may have. A part that
/// occurs twice has the same value in both places.
pub(super) fn possibilities(symbols: &Symbols, reference: &Reference) -> Vec<Reading> {
    let tag = reference.tag.as_deref().unwrap_or_default();
    let mut all = vec![format!("{}{SEPARATOR}{}{SEPARATOR}{tag}", reference.host, reference.path)];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        let mut is_done = true;
        for text in &all {
            match choices(symbols, text) {
                Some((symbol, choices)) if next.len() + choices.len() <= MOST => {
                    is_done = false;
                    next.extend(choices.iter().map(|choice| text.replace(symbol, choice)));
                }
                _ => next.push(text.clone()),
            }
        }
        all = next;
        if is_done {
            break;
        }
    }
    all.iter().map(|text| reading(symbols, text, reference)).collect()
}

/// The first unknown part whose values are all known, with its values.
fn choices(symbols: &Symbols, text: &str) -> Option<(char, Vec<String>)> {
    text.chars().filter(|c| is_symbol(*c)).find_map(|c| {
        let symbol = symbols.get(c)?;
        let usable = !symbol.conditional && !symbol.choices.is_empty();
        usable.then(|| (c, symbol.choices.clone()))
    })
}

fn reading(symbols: &Symbols, text: &str, reference: &Reference) -> Reading {
    let mut pieces = text.splitn(3, SEPARATOR).map(|piece| parts(symbols, piece));
    let mut piece = || pieces.next().unwrap_or_default();
    let (host, path, mut tag) = (piece(), piece(), piece());
    if reference.tag.is_none() {
        tag.push(Part::Text("latest".to_owned()));
    }
    Reading { host, path, tag }
}

fn parts(symbols: &Symbols, text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for c in text.chars() {
        let Some(symbol) = symbols.get(c) else {
            match parts.last_mut() {
                Some(Part::Text(text)) => text.push(c),
                _ => parts.push(Part::Text(c.to_string())),
            }
            continue;
        };
        let part = match symbol.kind {
            SymbolKind::Sha(..) => Part::Sha,
            SymbolKind::Version => Part::Version,
            SymbolKind::Any | SymbolKind::Name => Part::Unknown(symbols.show(&c.to_string())),
        };
        parts.push(part);
    }
    parts
}
