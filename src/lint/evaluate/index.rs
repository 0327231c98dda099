//! Finds what may have the same text, without a look at everything.

use std::collections::HashMap;

use crate::lint::symbol::Symbols;

/// Items by their text.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_key: HashMap<String, Vec<usize>>,
    /// Those whose text can be anything.
    open: Vec<usize>,
    count: usize,
}

impl Index {
    /// Takes texts in the order of their items.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = &'t str>, symbols: &Symbols) -> Self {
        let mut index = Self::default();
        for (item, text) in texts.enumerate() {
            match symbols.key(text) {
                Some(key) => index.by_key.entry(key).or_default().push(item),
                None => index.open.push(item),
            }
            index.count = item + 1;
        }
        index
    }

    /// The items that may have a text; each still has to be compared.
    pub(crate) fn candidates(&self, text: &str, symbols: &Symbols) -> Vec<usize> {
        let Some(key) = symbols.key(text) else { return (0..self.count).collect() };
        let mut found = self.by_key.get(&key).cloned().unwrap_or_default();
        found.extend_from_slice(&self.open);
        found.sort_unstable();
        found
    }
}
