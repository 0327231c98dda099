//! The rule `deploy-before-push`: a job uses an image without waiting for the job that pushes it.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::{Reference, TagKind};

pub(super) const RULE: Rule = Rule {
    name: "deploy-before-push",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "a job uses an image without waiting for the job that pushes it",
    why: "
        Jobs without `needs` run at the same time: the pull then finds the image of an earlier run,
        or none. The job that pushes must be needed, directly or through others.",
    bad: include_str!("deploy_before_push.bad.yml"),
    good: include_str!("deploy_before_push.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate() {
        for used in run.uses().filter(|used| !used.built_here) {
            let reference = &used.reference;
            let Some(pusher) = pushed_beside(workflows, at, reference) else { continue };
            let text = workflows.show_in(run, reference);
            let (own, pusher) = (&run.job.id, &workflows.job_runs[pusher].job.id);
            let problem = Problem::new(
                text.clone(),
                format!(
                    "`{text}` is pushed by the job `{pusher}`, which `{own}` does not wait for"
                ),
                format!("add `{pusher}` to the `needs` of `{own}`"),
            );
            out.report(run, reference.at, problem);
        }
    }
}

/// A job that surely pushes the reference, if no earlier job pushes it.
fn pushed_beside(workflows: &Workflows<'_>, at: usize, reference: &Reference) -> Option<usize> {
    let run = &workflows.job_runs[at];
    let is_before = |other: usize| other == at || run.after.contains(&other);
    let pushes = workflows.pushes_of(reference);
    if pushes.iter().any(|found| is_before(found.run)) || workflows.may_push_unread(is_before) {
        return None;
    }
    let beside = pushes.into_iter().find(|found| {
        workflows.job_runs[found.run].workflow_run == run.workflow_run
            && found.push.certain
            && found.push.reference.equals(reference)
    })?;
    let beside = beside.run;
    // A job that needs this one and pushes later moves the tag on purpose.
    let is_later =
        reference.kind == TagKind::Moving && workflows.job_runs[beside].after.contains(&at);
    (!is_later).then_some(beside)
}
