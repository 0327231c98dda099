//! Reduces a plan to what one run may delete: the oldest deletions first, and only whole releases with
//! everything that has to be deleted with them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::approve::{Refusal, RefusedPlan, approve};
use super::deletion_groups::DeletionGroups;
use super::plan::{Decision, Plan};
use crate::model::Repository;
use crate::policy::Policy;

/// Why the other deletions are kept for now.
const LATER: &str = "left for a later batch";

/// Manifests that are deleted together or not at all.
#[derive(Debug, Default)]
struct Group {
    number: usize,
    /// How many manifests are deleted with it.
    size: usize,
    /// The time of its newest manifest; the age of a release is that of its newest copy.
    newest: Option<DateTime<Utc>>,
    /// Whether the time of a tagged manifest is unknown.
    is_undated: bool,
    repositories: BTreeSet<Repository>,
}

/// Reduces a plan to its oldest groups: at most `size` manifests, and within the limits of the
/// policy. Groups with a manifest in a repository that has reached `max-share` are left out.
///
/// # Errors
/// [`Refusal::Batch`] with the unchanged plan when the oldest group alone is larger than `size`.
pub fn batch(
    plan: Plan,
    deletions: &DeletionGroups,
    size: usize,
    policy: &Policy,
) -> Result<Plan, Box<RefusedPlan>> {
    let groups = in_order(&plan, deletions);
    let Some(oldest) = groups.first() else {
        return Ok(plan);
    };
    if oldest.size > size {
        let refusal = Refusal::Batch { needed: oldest.size, size };
        return Err(Box::new(RefusedPlan { plan, refusals: vec![refusal] }));
    }
    let limit = usize::try_from(policy.limits.max_deletions).unwrap_or(usize::MAX);
    let choice = Choice { plan: &plan, deletions, policy, room: size.min(limit) };
    let mut full = BTreeSet::new();
    loop {
        let open: Vec<&Group> =
            groups.iter().filter(|group| group.repositories.is_disjoint(&full)).collect();
        let (taken, refused) = choice.most(&open);
        let more: BTreeSet<Repository> = refused.into_iter().filter_map(share_of).collect();
        // If no group fits, the oldest is returned; `approve` then says which limit it exceeds.
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

/// The plan from which groups are chosen.
struct Choice<'a> {
    plan: &'a Plan,
    deletions: &'a DeletionGroups,
    policy: &'a Policy,
    /// How many manifests may be deleted.
    room: usize,
}

impl Choice<'_> {
    /// As many groups, oldest first, as the limits allow; and why one more would be refused.
    fn most(&self, groups: &[&Group]) -> (Vec<usize>, Vec<Refusal>) {
        let fits = |(count, group): &(usize, &&Group)| count + group.size <= self.room;
        let sums = groups.iter().scan(0, |sum, group| {
            let before = *sum;
            *sum += group.size;
            Some((before, group))
        });
        let numbers: Vec<usize> = sums.take_while(fits).map(|(_, group)| group.number).collect();
        let refused = |count: usize| {
            approve(self.with(&numbers[..count]), self.policy)
                .err()
                .map_or_else(Vec::new, |refused| refused.refusals)
        };
        let mut refusals = refused(numbers.len());
        if refusals.is_empty() {
            return (numbers, refusals);
        }
        let (mut allowed, mut too_many) = (0, numbers.len());
        while too_many - allowed > 1 {
            let middle = allowed.midpoint(too_many);
            let why = refused(middle);
            if why.is_empty() {
                allowed = middle;
            } else {
                (too_many, refusals) = (middle, why);
            }
        }
        (numbers[..allowed].to_vec(), refusals)
    }

    /// The plan with these groups only.
    fn with(&self, numbers: &[usize]) -> Plan {
        let numbers: BTreeSet<usize> = numbers.iter().copied().collect();
        let chosen = |entry: &super::PlanEntry| {
            self.deletions.group(entry).is_some_and(|group| numbers.contains(&group))
        };
        self.deletions.choose(self.plan.clone(), chosen, LATER)
    }
}

/// The groups of a plan, oldest first; those without a time come last, since they may be new.
fn in_order(plan: &Plan, deletions: &DeletionGroups) -> Vec<Group> {
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for entry in plan.entries.iter().filter(|entry| entry.decision != Decision::Keep) {
        let Some(number) = deletions.group(entry) else {
            continue;
        };
        let group = groups.entry(number).or_insert_with(|| Group { number, ..Group::default() });
        group.size += usize::from(entry.decision == Decision::Delete);
        group.newest = group.newest.max(entry.time);
        group.is_undated |= entry.time.is_none() && !entry.tags.is_empty();
        group.repositories.insert(entry.repository.clone());
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| {
        (group.is_undated || group.newest.is_none(), group.newest, group.number)
    });
    groups
}
