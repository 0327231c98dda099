//! The rule `missing-migrate-job`: deploy jobs, but no migrate job.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobBody, JobKind, JobRun, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "missing-migrate-job",
    severity: Severity::Error,
    applies: Applies::ByConvention,
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
    if workflows.conventions.policy.is_none() && !workflows.facts.migrates {
        return;
    }
    for file in workflows.files {
        let runs: Vec<&JobRun<'_>> = workflows.started_by(file).collect();
        let has = |is: fn(&JobRun<'_>) -> bool| runs.iter().any(|run| is(run));
        let migrates = |run: &JobRun<'_>| {
            let named = |text: &str| text.to_ascii_lowercase().contains("migrat");
            run.kind == JobKind::Migrate || named(&run.job.id) || named(&run.job.name)
        };
        if has(migrates)
            || has(|run| run.body == JobBody::UnknownWorkflow || run.has_unknown_caller())
        {
            continue;
        }
        let Some(deploy) = runs.iter().find(|run| run.is_deploy()) else { continue };
        let id = &deploy.job.id;
        let problem = Problem::new(
            id.clone(),
            format!("`{id}` deploys, but no job before it migrates the database"),
            "add a job `migrate` between build and deploy, and add it to the `needs` of this one",
        );
        out.report(deploy, deploy.job.at, problem);
    }
}
