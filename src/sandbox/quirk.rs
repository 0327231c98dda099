//! Behaviours of real servers that contradict what they document, switched on by name.
//!
//! What goes wrong now and then is a fault; a quirk is how a server always is. A new one takes a
//! variant here and a check at the place where it acts.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

/// A behaviour that contradicts the documentation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Quirk {
    /// A deletion is answered as done, and nothing happens.
    DeleteDoesNothing,
    /// Pages of a management API never have more entries than this, whatever was asked for.
    PagesOf(usize),
}

/// The quirks that a registry has at the moment.
#[derive(Debug, Default)]
pub struct Quirks(RwLock<BTreeSet<Quirk>>);

impl Quirks {
    pub(super) fn new(quirks: BTreeSet<Quirk>) -> Self {
        Self(RwLock::new(quirks))
    }

    /// Switches one on, from the next request on.
    pub fn switch_on(&self, quirk: Quirk) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(quirk);
    }

    /// Switches one off, from the next request on.
    pub fn switch_off(&self, quirk: &Quirk) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(quirk);
    }

    /// Whether the registry has this one.
    #[must_use]
    pub fn has(&self, quirk: &Quirk) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(quirk)
    }

    /// How many entries a page of a management API has at most.
    pub(super) fn most_on_a_page(&self, most: usize) -> usize {
        let few = |quirk: &Quirk| match quirk {
            Quirk::PagesOf(few) => Some(*few),
            _ => None,
        };
        self.find(few).map_or(most, |few| few.clamp(1, most))
    }

    /// What is taken from the first quirk that has it, for those with values of their own.
    pub fn find<T>(&self, take: impl FnMut(&Quirk) -> Option<T>) -> Option<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().find_map(take)
    }
}
