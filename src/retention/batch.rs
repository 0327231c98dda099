//! A part of a plan that is small enough for one run: the oldest first, whole releases only, with
//! all that belongs to them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::approve::{Refusal, RefusedPlan, approve};
use super::plan::{Decision, Plan};
use super::ties::Ties;
use crate::model::Repository;
use crate::policy::Policy;

/// Why the rest stays for now.
const LATER: &str = "left for a later batch";

/// What goes together or not at all.
#[derive(Debug, Default)]
struct Bundle {
    number: usize,
    /// How many manifests go with it.
    size: usize,
    /// The time of its newest part; the age of a release is that of its newest copy.
    newest: Option<DateTime<Utc>>,
    /// Whether the time of a part is unknown.
    is_undated: bool,
    repositories: BTreeSet<Repository>,
}

/// Takes the oldest bundles of a plan, up to so many manifests and the limits of the policy. A
/// repository whose share is full is passed over, and so is what reaches into it.
///
/// # Errors
/// [`Refusal::Batch`] with the plan as it was when what is oldest does not fit by itself.
pub fn batch(
    plan: Plan,
    ties: &Ties,
    size: usize,
    policy: &Policy,
) -> Result<Plan, Box<RefusedPlan>> {
    let bundles = in_order(&plan, ties);
    let Some(oldest) = bundles.first() else {
        return Ok(plan);
    };
    if oldest.size > size {
        let refusal = Refusal::Batch { needed: oldest.size, size };
        return Err(Box::new(RefusedPlan { plan, refusals: vec![refusal] }));
    }
    let limit = usize::try_from(policy.limits.max_deletions).unwrap_or(usize::MAX);
    let choice = Choice { plan: &plan, ties, policy, room: size.min(limit) };
    let mut full = BTreeSet::new();
    loop {
        let open: Vec<&Bundle> =
            bundles.iter().filter(|bundle| bundle.repositories.is_disjoint(&full)).collect();
        let (taken, refused) = choice.most(&open);
        let more: BTreeSet<Repository> = refused.into_iter().filter_map(share_of).collect();
        // Where nothing fits, the first is tried, and the limits say why not.
        if more.is_subset(&full) || more.is_empty() {
            let taken = if taken.is_empty() { vec![oldest.number] } else { taken };
            return Ok(choice.with(&taken));
        }
        full.extend(more);
    }
}

fn share_of(refusal: Refusal) -> Option<Repository> {
    match refusal {
        Refusal::TooLargeShare { repository, .. } => Some(repository),
        _ => None,
    }
}

/// What is chosen from.
struct Choice<'a> {
    plan: &'a Plan,
    ties: &'a Ties,
    policy: &'a Policy,
    room: usize,
}

impl Choice<'_> {
    /// As many of the bundles as may go, from the beginning; and what refuses one more.
    fn most(&self, bundles: &[&Bundle]) -> (Vec<usize>, Vec<Refusal>) {
        let fits = |(count, bundle): &(usize, &&Bundle)| count + bundle.size <= self.room;
        let sums = bundles.iter().scan(0, |sum, bundle| {
            let before = *sum;
            *sum += bundle.size;
            Some((before, bundle))
        });
        let numbers: Vec<usize> = sums.take_while(fits).map(|(_, bundle)| bundle.number).collect();
        let refused = |count: usize| {
            approve(self.with(&numbers[..count]), self.policy)
                .err()
                .map_or_else(Vec::new, |refused| refused.refusals)
        };
        let mut refusals = refused(numbers.len());
        if refusals.is_empty() {
            return (numbers, refusals);
        }
        let (mut good, mut bad) = (0, numbers.len());
        while bad - good > 1 {
            let middle = good.midpoint(bad);
            let why = refused(middle);
            if why.is_empty() {
                good = middle;
            } else {
                (bad, refusals) = (middle, why);
            }
        }
        (numbers[..good].to_vec(), refusals)
    }

    /// The plan with these bundles alone.
    fn with(&self, numbers: &[usize]) -> Plan {
        let numbers: BTreeSet<usize> = numbers.iter().copied().collect();
        let chosen = |entry: &super::PlanEntry| {
            self.ties.bundle(entry).is_some_and(|bundle| numbers.contains(&bundle))
        };
        self.ties.choose(self.plan.clone(), chosen, LATER)
    }
}

/// The bundles of a plan, oldest first; what has no time comes last, since it may be new.
fn in_order(plan: &Plan, ties: &Ties) -> Vec<Bundle> {
    let mut bundles: BTreeMap<usize, Bundle> = BTreeMap::new();
    for entry in plan.entries.iter().filter(|entry| entry.decision != Decision::Keep) {
        let Some(number) = ties.bundle(entry) else {
            continue;
        };
        let bundle =
            bundles.entry(number).or_insert_with(|| Bundle { number, ..Bundle::default() });
        bundle.size += usize::from(entry.decision == Decision::Delete);
        bundle.newest = bundle.newest.max(entry.time);
        bundle.is_undated |= entry.time.is_none() && !entry.tags.is_empty();
        bundle.repositories.insert(entry.repository.clone());
    }
    let mut bundles: Vec<Bundle> = bundles.into_values().collect();
    bundles.sort_by_key(|bundle| {
        (bundle.is_undated || bundle.newest.is_none(), bundle.newest, bundle.number)
    });
    bundles
}
