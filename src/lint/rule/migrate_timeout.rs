//! The rule `migrate-timeout`: migrate without `timeout-minutes`, or with more than 15.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::{Call, JobKind, Set, Task};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migrate-timeout",
    severity: Severity::Warning,
    summary: "migrate without `timeout-minutes`, or with more than 15",
    why: "
        A migration that waits for a lock holds up production for as long as the job may run: six hours, unless
        the job says less.",
    bad: include_str!("migrate_timeout.bad.yml"),
    good: include_str!("migrate_timeout.good.yml"),
    check,
};

/// The longest that a migration should take, in minutes.
const LONGEST: f64 = 15.0;

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        if task.kind != JobKind::Migrate || task.call != Call::Steps {
            continue;
        }
        let id = &task.job.id;
        let (at, message) = match &task.job.timeout {
            None => (task.job.at, format!("`{id}` may run for six hours")),
            Some(timeout) => match longest(task) {
                Some(minutes) if minutes > LONGEST => {
                    (timeout.at, format!("`{id}` may run for {minutes} minutes"))
                }
                _ => continue,
            },
        };
        out.at(task, at, Say::new(id.clone(), message, "write `timeout-minutes: 15`, or less"));
    }
}

/// The longest limit of all legs, where one is known.
fn longest(task: &Task<'_>) -> Option<f64> {
    let limits = task.legs.iter().filter_map(|leg| leg.timeout.as_deref()?.trim().parse().ok());
    limits.reduce(f64::max)
}
