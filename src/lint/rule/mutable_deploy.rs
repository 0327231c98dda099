//! The rule `mutable-deploy`: an image that the project builds is deployed by a tag that moves.

use super::event_dependence::EventDependence;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobKind, JobRun, Leg, Use, Workflows, why_empty};
use crate::lint::finding::Severity;
use crate::lint::images;
use crate::lint::reference::{Reference, TagKind};
use crate::lint::shell::ImageUse;

pub(super) const RULE: Rule = Rule {
    name: "mutable-deploy",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "an image that the project builds is deployed by a tag that moves",
    why: "
        `prod-latest` is whatever was pushed last, perhaps another commit than the one that was
        tested and whose migrations ran. It is an error in deploy and migrate jobs if the workflows
        push the image with a SHA or a version as its tag, or if a policy requires that; otherwise it
        is a warning. Test jobs, images that the job has built itself, and images that the project
        does not build are not reported.",
    bad: include_str!("mutable_deploy.bad.yml"),
    good: include_str!("mutable_deploy.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let mut events = EventDependence::default();
    let mut found = Vec::new();
    for (run, leg) in workflows.legs().filter(|(run, _)| run.kind != JobKind::Test) {
        for used in &leg.uses {
            let is_wrong = is_mutable(workflows, used);
            events.note((run, leg), used.reference.at, is_wrong);
            found.extend(is_wrong.then_some((run, leg, used)));
        }
    }
    for (run, leg, used) in found {
        // An empty value of one event may never get here.
        if !events.at((run, leg), used.reference.at) || run.surely_uses(leg, used) {
            report(workflows, (run, leg), used, out);
        }
    }
}

fn is_mutable(workflows: &Workflows<'_>, used: &Use) -> bool {
    let reference = &used.reference;
    workflows.conventions.kind(reference, workflows.symbols) == TagKind::Moving
        && used.how != ImageUse::Copied
        && (!used.built_here || used.how == ImageUse::RolledOut)
        && !images::is_exempt(reference, workflows.conventions)
        && workflows.is_own(reference)
}

fn report(
    workflows: &Workflows<'_>,
    (run, leg): (&JobRun<'_>, &Leg),
    used: &Use,
    out: &mut Reporter<'_>,
) {
    let text = workflows.show_in(run, &used.reference);
    let empty = why_empty(run, &used.reference);
    let problem = Problem::new(
        text.clone(),
        format!("`{}` {} `{text}` by a tag that moves{empty}", run.job.id, used.how.as_str()),
        "use the tag with the SHA, `<env>-${{ github.sha }}`, or a digest",
    );
    let severity = severity(workflows, run, &used.reference);
    out.report_leg(severity, (run, leg), used.reference.at, problem);
}

/// An error if a deployment could use a tag that never moves: a policy requires one, or the workflows
/// push one.
fn severity(workflows: &Workflows<'_>, run: &JobRun<'_>, reference: &Reference) -> Severity {
    let deploys = matches!(run.kind, JobKind::Deploy | JobKind::Migrate);
    let has_other = workflows.conventions.policy.is_some()
        || workflows.facts.immutable.contains(&reference.repository());
    if deploys && has_other { Severity::Error } else { Severity::Warning }
}
