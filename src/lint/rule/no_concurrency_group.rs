//! The rule `no-concurrency-group`: a moving tag is pushed without a concurrency group.

use super::concurrency::concurrency;
use super::push_group::is_covered;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "no-concurrency-group",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "a moving tag is pushed without a concurrency group",
    why: "
        Two runs at the same time push the same moving tag, and the run of the older commit may be
        the last to finish: `prod-latest` then goes back to it. With a `concurrency` group of the
        job, its workflow or a caller, one run waits for the other.",
    bad: include_str!("no_concurrency_group.bad.yml"),
    good: include_str!("no_concurrency_group.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate() {
        let covered = run.pushes().filter(|push| is_covered(workflows, run, push));
        let moving = covered.into_iter().find(|push| {
            let kind = workflows.conventions.kind(&push.reference, workflows.symbols);
            kind == TagKind::Moving && !push.reference.is_local()
        });
        let Some(moving) = moving else { continue };
        if workflows.has_unknown_caller(run.workflow_run)
            || concurrency(workflows, at).next().is_some()
        {
            continue;
        }
        let (id, tag) = (&run.job.id, workflows.symbols.show(moving.reference.tag()));
        let problem = Problem::new(
            id.clone(),
            format!("`{id}` pushes `{tag}`, and two runs may do so at the same time"),
            "add `concurrency: { group: ..., cancel-in-progress: false }` to the workflow or the job",
        );
        out.report(run, moving.reference.at, problem);
    }
}
