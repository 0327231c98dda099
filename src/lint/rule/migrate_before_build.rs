//! The rule `migrate-before-build`: the migrate job does not wait for the build job.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobBody, JobKind, JobRun, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migrate-before-build",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "the migrate job does not wait for the build job",
    why: "
        A migration that runs before the build or at the same time changes the database for an image
        that may never exist, and it runs the migrations of the previous image.",
    bad: include_str!("migrate_before_build.bad.yml"),
    good: include_str!("migrate_before_build.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate() {
        if run.kind != JobKind::Migrate || run.body == JobBody::KnownWorkflow {
            continue;
        }
        let builds = |other: &JobRun<'_>| {
            other.job.id.to_ascii_lowercase().starts_with("build")
                || other.pushes().next().is_some()
        };
        let builders = workflows.of_run(run.workflow_run).filter(|(_, other)| {
            builds(other)
                && matches!(other.kind, JobKind::Other | JobKind::Deploy)
                && !other.after.contains(&at)
        });
        let builders: Vec<usize> = builders.map(|(builder, _)| builder).collect();
        let Some(first) = builders.first() else { continue };
        if builders.iter().any(|builder| run.after.contains(builder)) {
            continue;
        }
        let (id, build) = (&run.job.id, &workflows.job_runs[*first].job.id);
        let problem = Problem::new(
            id.clone(),
            format!("`{id}` does not wait for `{build}`"),
            format!("add `{build}` to its `needs`"),
        );
        out.report(run, run.job.at, problem);
    }
}
