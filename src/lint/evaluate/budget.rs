//! Bounds how much is evaluated, so that no input takes too long.

use std::cell::Cell;

/// How many characters and how many legs may still be evaluated.
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
    /// Takes characters from the budget; false when not enough are left.
    pub(super) fn characters(&self, count: usize) -> bool {
        spend(&self.characters, count)
    }

    /// Takes legs from the budget; false when not enough are left.
    pub(super) fn legs(&self, count: usize) -> bool {
        spend(&self.legs, count)
    }

    /// Whether nothing had to be left out so far.
    pub(crate) fn is_kept(&self) -> bool {
        self.characters.get() > 0 && self.legs.get() > 0
    }
}

fn spend(left: &Cell<usize>, count: usize) -> bool {
    let rest = left.get().checked_sub(count.max(1));
    left.set(rest.unwrap_or(0));
    rest.is_some()
}
