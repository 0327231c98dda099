//! The rule `migrate-timeout`: a migrate job without `timeout-minutes`, or with more than 15.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobBody, JobKind, JobRun, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migrate-timeout",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "a migrate job without `timeout-minutes`, or with more than 15",
    why: "
        A migration that waits for a lock blocks production for as long as the job may run: six
        hours, unless the job sets less.",
    bad: include_str!("migrate_timeout.bad.yml"),
    good: include_str!("migrate_timeout.good.yml"),
    check,
};

/// The longest that a migration should take, in minutes.
const LONGEST: f64 = 15.0;

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for run in &workflows.job_runs {
        if run.kind != JobKind::Migrate || run.body != JobBody::Steps {
            continue;
        }
        let id = &run.job.id;
        let (at, message) = match &run.job.timeout {
            None => (run.job.at, format!("`{id}` may run for six hours")),
            Some(timeout) => match longest(run) {
                Some(minutes) if minutes > LONGEST => {
                    (timeout.at, format!("`{id}` may run for {minutes} minutes"))
                }
                _ => continue,
            },
        };
        let help = "write `timeout-minutes: 15`, or less";
        out.report(run, at, Problem::new(id.clone(), message, help));
    }
}

/// The longest limit of all legs, where one is known.
fn longest(run: &JobRun<'_>) -> Option<f64> {
    let limits = run.legs.iter().filter_map(|leg| leg.timeout.as_deref()?.trim().parse().ok());
    limits.reduce(f64::max)
}
