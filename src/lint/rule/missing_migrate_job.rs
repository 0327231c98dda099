//! The rule `missing-migrate-job`: deploy jobs, but no migrate job.

use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::{JobBody, JobKind, JobRun, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "missing-migrate-job",
    severity: Severity::Error,
    summary: "deploy jobs, but no migrate job",
    why: "
        New code on an old schema fails in production at the first query. Migrations belong in a job
        of their own between build and deploy. A workflow that only rolls back, and one that calls a
        workflow which cannot be read, are not checked.",
    bad: include_str!("missing_migrate_job.bad.yml"),
    good: include_str!("missing_migrate_job.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for workflow_run in 0..workflows.run_count() {
        let has =
            |is: fn(&JobRun<'_>) -> bool| workflows.of_run(workflow_run).any(|(_, run)| is(run));
        let migrates = |run: &JobRun<'_>| {
            run.kind == JobKind::Migrate || run.job.name.to_ascii_lowercase().contains("migrat")
        };
        if has(migrates)
            || has(|run| run.body == JobBody::UnknownWorkflow || run.has_unknown_caller())
        {
            continue;
        }
        let deploy = workflows.of_run(workflow_run).find(|(_, run)| run.is_deploy());
        let Some((_, deploy)) = deploy else { continue };
        let id = &deploy.job.id;
        let problem = Problem::new(
            id.clone(),
            format!("`{id}` deploys, but no job migrates the database before"),
            "add a job `migrate` between build and deploy, and add it to the `needs` of this one",
        );
        out.report(deploy, deploy.job.at, problem);
    }
}
