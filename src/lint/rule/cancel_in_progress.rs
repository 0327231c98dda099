//! The rule `cancel-in-progress`: `cancel-in-progress: true` where images are pushed or deployed.

use super::concurrency::concurrency;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobKind, Workflows};
use crate::lint::finding::{Fix, Severity};

pub(super) const RULE: Rule = Rule {
    name: "cancel-in-progress",
    severity: Severity::Warning,
    applies: Applies::Always,
    summary: "`cancel-in-progress: true` where images are pushed or deployed",
    why: "
        A run that is cancelled between two pushes leaves the new release in only one registry, or
        only one image of it; cancelled during a deploy, it leaves the new release on half of the
        hosts. Workflows that only test are not reported.",
    bad: include_str!("cancel_in_progress.bad.yml"),
    good: include_str!("cancel_in_progress.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate() {
        let pushes = run.pushes().any(|push| !push.reference.is_local());
        // A pull request with a new commit no longer needs the images of the old one.
        if run.is_for_pull_requests() || (!pushes && run.kind != JobKind::Deploy) {
            continue;
        }
        for (owner, node) in concurrency(workflows, at) {
            let Some(entry) = node.entry("cancel-in-progress") else { continue };
            let value = entry.value.text().unwrap_or_default();
            if run.scope.value(value).text(workflows.symbols) != "true" {
                continue;
            }
            let (id, does) = (&run.job.id, if pushes { "pushes" } else { "deploys" });
            let problem = Problem::new(
                "cancel-in-progress",
                format!("`{id}` {does}, and a newer run may cancel it halfway"),
                "write `cancel-in-progress: false`",
            );
            let only_pushes =
                run.events.iter().all(|event| event.name.is_some() && !event.is_pull_request());
            let fix = (only_pushes && value == "true").then_some(Fix::DoNotCancel);
            out.report(owner, entry.key.at, problem.fixed_by(fix));
        }
    }
}
