//! What is wrong in the runs of some events only: a value that others give is empty there, or what
//! others push is not there.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::evaluate::{JobRun, Leg};
use crate::lint::position::Position;

/// A place in a leg of a job: the job by its name and those of its callers.
type Place = (String, usize, Position);

/// In which workflow runs a place is right, and in which it is wrong.
#[derive(Default)]
pub(super) struct EventDependence {
    right: BTreeMap<Place, BTreeSet<usize>>,
    wrong: BTreeMap<Place, BTreeSet<usize>>,
}

impl EventDependence {
    /// Notes whether what a leg has at a position is wrong.
    pub(super) fn note(&mut self, (run, leg): (&JobRun<'_>, &Leg), at: Position, is_wrong: bool) {
        let side = if is_wrong { &mut self.wrong } else { &mut self.right };
        side.entry(place(run, leg, at)).or_default().insert(run.workflow_run);
    }

    /// Whether a position is wrong in the runs of some events, and right in those of others.
    pub(super) fn at(&self, (run, leg): (&JobRun<'_>, &Leg), at: Position) -> bool {
        let place = place(run, leg, at);
        let wrong = self.wrong.get(&place);
        let is_right = |of: &usize| !wrong.is_some_and(|wrong| wrong.contains(of));
        self.right.get(&place).is_some_and(|right| right.iter().any(is_right))
    }
}

fn place(run: &JobRun<'_>, leg: &Leg, at: Position) -> Place {
    (run.scope.id().to_owned(), leg.number, at)
}
