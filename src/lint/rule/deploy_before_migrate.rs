//! The rule `deploy-before-migrate`: a deploy job that does not wait for the migration, or runs although it failed.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{BadResult, JobKind, JobRun, Workflows};
use crate::lint::expression::condition;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "deploy-before-migrate",
    severity: Severity::Error,
    applies: Applies::ByConvention,
    summary: "a deploy job that does not wait for the migration, or runs although it failed",
    why: "
        Without `needs` the deploy runs at the same time as the migration; with `always()`,
        `failure()` or `cancelled()` in its `if` it runs although the migration failed. A condition
        that asks for the result of migrate, `needs.migrate.result == 'success'`, is fine. Rollback
        jobs are not checked.",
    bad: include_str!("deploy_before_migrate.bad.yml"),
    good: include_str!("deploy_before_migrate.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate().filter(|(_, run)| run.is_deploy()) {
        let migrates = |other: &JobRun<'_>| other.kind == JobKind::Migrate;
        let is_needed = workflows.of_run(run.workflow_run).any(|(_, other)| migrates(other));
        if !is_needed || migrates_inside(workflows, at) {
            continue;
        }
        let waits = run.after.iter().any(|before| migrates(&workflows.job_runs[*before]));
        let id = &run.job.id;
        let (position, message) = match &run.job.condition {
            _ if !waits => (run.job.at, format!("`{id}` does not wait for the migration")),
            Some(text) if may_run_after_failure(workflows, run, text.text()) => {
                (text.at, format!("`{id}` runs although the migration may have failed"))
            }
            _ => continue,
        };
        let help = "add the migrate job to `needs`, and let `if` hold only when it succeeded";
        out.report(run, position, Problem::new(id.clone(), message, help));
    }
}

/// Whether a job calls a workflow that migrates itself.
fn migrates_inside(workflows: &Workflows<'_>, call: usize) -> bool {
    workflows.job_runs.iter().any(|run| {
        let mut callers = run.caller.into_iter().flat_map(|caller| workflows.with_callers(caller));
        run.kind == JobKind::Migrate && callers.any(|(at, _)| at == call)
    })
}

/// Whether a condition can hold after the migration failed, or was cancelled if it asks for that.
fn may_run_after_failure(workflows: &Workflows<'_>, run: &JobRun<'_>, text: &str) -> bool {
    // Text in quotes is not a call.
    let plain: String = text.split('\'').step_by(2).collect();
    let lower = plain.to_ascii_lowercase().replace(' ', "");
    if !["always()", "failure()", "cancelled()"].iter().any(|call| lower.contains(call)) {
        return false;
    }
    let cancelled =
        lower.contains("cancelled()") && may_hold(workflows, run, text, BadResult::Cancelled);
    cancelled || may_hold(workflows, run, text, BadResult::Failure)
}

/// Whether a condition can hold when the migration has ended with a result.
fn may_hold(workflows: &Workflows<'_>, run: &JobRun<'_>, text: &str, result: BadResult) -> bool {
    let mut scope = run.scope.clone();
    scope.assumed = Some(result);
    for need in run.job.needs() {
        let is_need = |other: &&JobRun<'_>| other.job.id == need && other.caller == run.caller;
        let jobs = workflows.of_run(run.workflow_run).map(|(_, other)| other);
        for other in jobs.filter(is_need) {
            let migrates = |at: &usize| workflows.job_runs[*at].kind == JobKind::Migrate;
            let word = match other.kind {
                JobKind::Migrate => result.as_str(),
                _ if other.after.iter().any(migrates) => "skipped",
                _ => continue,
            };
            scope.results.insert(need.to_owned(), word.to_owned());
        }
    }
    condition(text, &scope) != Some(false)
}
