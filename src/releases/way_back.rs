//! The releases before the current one, newest first: the way back that a rollback takes.

use super::deployed_steps::deployed_steps;
use super::step::{Step, StepRules};
use super::{ReleaseNumber, Timeline};
use crate::model::ReleaseOrder;
use crate::policy::Environment;

/// The releases before the current one, newest first. Those that are not known to be older or newer come
/// first, since they may be older. By the order `deployed`, the ones that were deployed last come first.
#[must_use]
pub fn steps_back<'a>(
    environment: &Environment,
    timeline: &'a Timeline,
    current: usize,
) -> Vec<Step<'a>> {
    let rules = StepRules { environment, timeline, start: timeline.number(current) };
    if environment.order == ReleaseOrder::Deployed {
        return deployed_steps(&rules);
    }
    by_rank(&rules)
}

/// By the ranks of the releases: by times, or by git.
fn by_rank<'a>(rules: &StepRules<'_, 'a>) -> Vec<Step<'a>> {
    let StepRules { environment, timeline, .. } = *rules;
    let model = timeline.model();
    let unordered = "it is unknown whether it is older than the current release";
    let mut possibly_older: Vec<usize> =
        model.unordered_with(rules.start).map(|release| timeline.index(release)).collect();
    possibly_older.sort_unstable();
    let mut steps: Vec<Step<'_>> =
        possibly_older.into_iter().map(|index| rules.step(index, Some(unordered))).collect();
    for tied in model.older_than(rules.start) {
        let is_possible = |release: &&ReleaseNumber| {
            !matches!(rules.step(timeline.index(**release), None), Step::Skip(_))
        };
        let possible: Vec<ReleaseNumber> = tied.iter().filter(is_possible).copied().collect();
        let tie = "other releases have the same time, and it is unknown which is newer";
        let matters = !timeline.rollback_check(environment).are_same_content(&possible);
        let steps_of =
            tied.iter().map(|release| rules.step(timeline.index(*release), matters.then_some(tie)));
        steps.extend(steps_of);
    }
    steps
}
