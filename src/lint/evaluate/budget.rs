//! How much is evaluated before the rest is left alone, so that no input takes for ever.

use std::cell::Cell;

/// What is left to be spent: characters that are read, and legs of jobs.
#[derive(Debug)]
pub(crate) struct Budget {
    characters: Cell<usize>,
    legs: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { characters: Cell::new(10_000_000), legs: Cell::new(20_000) }
    }
}

impl Budget {
    /// Takes some characters; false when there are not enough.
    pub(super) fn characters(&self, count: usize) -> bool {
        spend(&self.characters, count)
    }

    /// Takes the legs of a job; false when there are not enough.
    pub(super) fn legs(&self, count: usize) -> bool {
        spend(&self.legs, count)
    }

    /// Whether everything could be evaluated.
    pub(crate) fn held(&self) -> bool {
        self.characters.get() > 0 && self.legs.get() > 0
    }
}

fn spend(left: &Cell<usize>, count: usize) -> bool {
    let rest = left.get().checked_sub(count.max(1));
    left.set(rest.unwrap_or(0));
    rest.is_some()
}
