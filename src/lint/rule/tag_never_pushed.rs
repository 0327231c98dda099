//! The rule `tag-never-pushed`: a job uses an own image that no workflow pushes.

use super::own_image::is_own;
use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::{JobRun, Workflows};
use crate::lint::finding::Severity;
use crate::lint::reference::{Reference, TagKind};

pub(super) const RULE: Rule = Rule {
    name: "tag-never-pushed",
    severity: Severity::Error,
    summary: "a job uses an own image that no workflow pushes",
    why: "
        The deploy fails when it pulls the image, or finds an old one under that name. A tag with
        the SHA of this run must be pushed by this workflow or its caller; a tag that moves, by one
        of the workflows that are checked together. Nothing is reported where a push cannot be read:
        in a script, in an action, or in a workflow of another repository.",
    bad: include_str!("tag_never_pushed.bad.yml"),
    good: include_str!("tag_never_pushed.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, used) in workflows.uses() {
        let reference = &used.reference;
        if !is_own(workflows, reference) || !is_missing(workflows, run, reference) {
            continue;
        }
        let text = workflows.show(reference);
        let not_by = match reference.kind {
            TagKind::Mutable => "no workflow",
            _ => "neither this workflow nor its caller",
        };
        let problem = Problem::new(
            text.clone(),
            format!("{not_by} pushes `{text}`"),
            "push it first, or correct the registry, the repository or the tag",
        );
        out.report(run, reference.at, problem);
    }
}

/// Whether it is surely not pushed: a tag that moves, by no workflow; a tag with the commit of this
/// run, not by this run.
fn is_missing(workflows: &Workflows<'_>, run: &JobRun<'_>, reference: &Reference) -> bool {
    let is_unpushed = |of: Option<usize>| {
        let is_within = |at: usize| of.is_none_or(|of| workflows.job_runs[at].workflow_run == of);
        !workflows.pushes_of(reference).into_iter().any(|(at, _)| is_within(at))
            && !workflows.is_exhausted()
            && !workflows.may_push_unread(is_within)
    };
    match reference.kind {
        TagKind::Mutable => workflows.complete && is_unpushed(None),
        TagKind::FullSha | TagKind::ShortSha => {
            let symbols = workflows.symbols;
            let of_this_run = [symbols.context("github.sha"), symbols.sha("${{ github.sha }}", 7)];
            of_this_run.iter().any(|sha| reference.has_in_tag(sha))
                && !workflows.has_unknown_caller(run.workflow_run)
                && is_unpushed(Some(run.workflow_run))
        }
        _ => false,
    }
}
