//! How much is evaluated before the rest is left alone, so that no input takes for ever.

use std::cell::Cell;

/// What is left to be spent, in characters of scripts and in jobs.
#[derive(Debug)]
pub(crate) struct Budget {
    characters: Cell<usize>,
    jobs: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { characters: Cell::new(20_000_000), jobs: Cell::new(5_000) }
    }
}

impl Budget {
    /// Takes some characters; false when there are not enough.
    pub(super) fn characters(&self, count: usize) -> bool {
        spend(&self.characters, count)
    }

    /// Takes a job; false when there is none.
    pub(super) fn job(&self) -> bool {
        spend(&self.jobs, 1)
    }

    /// Whether everything could be evaluated.
    pub(crate) fn held(&self) -> bool {
        self.characters.get() > 0 && self.jobs.get() > 0
    }
}

fn spend(left: &Cell<usize>, count: usize) -> bool {
    let rest = left.get().checked_sub(count.max(1));
    left.set(rest.unwrap_or(0));
    rest.is_some()
}
