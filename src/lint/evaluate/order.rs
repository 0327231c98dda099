//! The order of the jobs of a workflow: needed ones first.

use std::collections::HashMap;

use crate::lint::workflow::Workflow;

/// What each job needs, as numbers; unknown names are left out.
pub(super) fn needs(workflow: &Workflow) -> Vec<Vec<usize>> {
    let jobs = workflow.jobs.iter().enumerate().rev();
    let numbers: HashMap<&str, usize> = jobs.map(|(at, job)| (job.id.as_str(), at)).collect();
    let of = |needs: &Vec<String>| {
        let found = needs.iter().filter_map(|id| numbers.get(id.as_str()).copied());
        let mut found: Vec<usize> = found.collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    workflow.jobs.iter().map(|job| of(&job.needs)).collect()
}

/// Every job behind those that it needs; a cycle ends where it closes.
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
