//! Alternatives: which arm an `if` or a `case` takes whose condition is not known.
//!
//! A job is gone through once for each alternative, so that what follows is judged with the values of
//! one arm at a time. Beyond a number of alternatives, arms are taken together instead.

use std::cell::{Cell, RefCell};

/// How many alternatives of one leg are gone through.
const MOST: usize = 12;

/// An arm that was taken, of how many.
#[derive(Debug, Clone, Copy)]
struct Choice {
    taken: usize,
    arms: usize,
}

/// The arms that one pass takes, and which passes are left.
#[derive(Debug, Default)]
pub(crate) struct Alternatives {
    path: RefCell<Vec<Choice>>,
    at: Cell<usize>,
}

impl Alternatives {
    /// Chooses one of `arms` arms; none if there are too many alternatives already.
    pub(super) fn choose(&self, arms: usize) -> Option<usize> {
        let mut path = self.path.borrow_mut();
        let at = self.at.get();
        if let Some(choice) = path.get(at) {
            self.at.set(at + 1);
            return Some(choice.taken);
        }
        let so_far: usize = path.iter().map(|choice| choice.arms).product();
        if so_far * arms > MOST {
            return None;
        }
        path.push(Choice { taken: 0, arms });
        self.at.set(at + 1);
        Some(0)
    }

    /// Goes on to the next alternative; false when there is none.
    pub(crate) fn advance(&self) -> bool {
        let mut path = self.path.borrow_mut();
        path.truncate(self.at.get());
        self.at.set(0);
        while let Some(last) = path.last_mut() {
            last.taken += 1;
            if last.taken < last.arms {
                return true;
            }
            path.pop();
        }
        false
    }
}
