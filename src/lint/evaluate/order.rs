//! The order of the jobs of a workflow: needed ones first.

use std::collections::HashMap;

use super::budget::Budget;
use crate::lint::workflow::{Job, Workflow};

/// The numbers of the jobs that each job needs; unknown names are left out, and so is what exceeds the budget.
pub(super) fn needs(workflow: &Workflow, budget: &Budget) -> Vec<Vec<usize>> {
    let jobs = workflow.jobs.iter().enumerate().rev();
    let numbers: HashMap<&str, usize> = jobs.map(|(at, job)| (job.id.as_str(), at)).collect();
    let of = |job: &Job| {
        let ids = job.needs().take_while(|id| budget.characters(id.len() + 10));
        let mut found: Vec<usize> = ids.filter_map(|id| numbers.get(id).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    workflow.jobs.iter().map(of).collect()
}

/// The jobs in an order in which each comes after those that it needs; in a circle, one comes too early.
pub(super) fn needed_first(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(needs.len());
    let mut met = vec![false; needs.len()];
    for start in 0..needs.len() {
        // A path through `needs`: a job, and how many of its needs were looked at.
        let mut path = vec![(start, 0)];
        if std::mem::replace(&mut met[start], true) {
            continue;
        }
        while let Some((at, looked)) = path.last_mut() {
            let Some(need) = needs[*at].get(*looked).copied() else {
                order.push(*at);
                path.pop();
                continue;
            };
            *looked += 1;
            if !std::mem::replace(&mut met[need], true) {
                path.push((need, 0));
            }
        }
    }
    order
}
