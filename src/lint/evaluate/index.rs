//! An index of texts with unknown parts: finds those that may be equal without comparing all.

use std::collections::HashMap;

use crate::lint::symbol::Symbols;

/// Items by their text.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_key: HashMap<String, Vec<usize>>,
    /// Those whose text can be anything.
    unknown: Vec<usize>,
    count: usize,
}

impl Index {
    /// Indexes texts; an item is the number of its text.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = &'t str>, symbols: &Symbols) -> Self {
        let mut index = Self::default();
        for (item, text) in texts.enumerate() {
            match symbols.key(text) {
                Some(key) => index.by_key.entry(key).or_default().push(item),
                None => index.unknown.push(item),
            }
            index.count = item + 1;
        }
        index
    }

    /// The items whose text may equal this one; each has to be compared still.
    pub(crate) fn candidates(&self, text: &str, symbols: &Symbols) -> Vec<usize> {
        let Some(key) = symbols.key(text) else { return (0..self.count).collect() };
        let mut found = self.by_key.get(&key).cloned().unwrap_or_default();
        found.extend_from_slice(&self.unknown);
        found.sort_unstable();
        found
    }
}
