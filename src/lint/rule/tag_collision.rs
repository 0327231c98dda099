//! The rule `tag-collision`: two different builds push one reference.

use std::collections::HashMap;

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobRun, Leg, Origin, Push, Workflows};
use crate::lint::finding::Severity;
use crate::lint::images;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "tag-collision",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "two different builds push one reference",
    why: "
        Two steps, two Dockerfiles or two legs of a matrix that push the same reference overwrite
        each other: the last one wins, and the backend may run the image of the frontend. Steps whose
        conditions differ (they may exclude each other), copies of an image that was built once, and
        platforms that are pushed by digest are not reported.",
    bad: include_str!("tag_collision.bad.yml"),
    good: include_str!("tag_collision.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let mut firsts: HashMap<_, Vec<(&JobRun<'_>, &Leg, &Push)>> = HashMap::new();
    for (run, leg) in workflows.legs() {
        for push in leg.pushes.iter().filter(|push| is_own_build(workflows, push)) {
            let key = (run.workflow_run, push.reference.text(), &push.condition);
            let others = firsts.entry(key).or_default();
            let collides = others.iter().any(|(other_run, other_leg, other)| {
                other.origin != push.origin
                    && run_together((*other_run, *other_leg), (run, leg))
                    && (std::ptr::eq(*other_leg, leg)
                        || (other_run.is_in_every_alternative(other_leg, &other.reference)
                            && run.is_in_every_alternative(leg, &push.reference)))
            });
            if others.len() < MOST_COMPARED {
                others.push((run, leg, push));
            }
            if !collides {
                continue;
            }
            let text = workflows.show(&push.reference);
            let label = match leg.label.as_str() {
                "" => String::new(),
                label => format!(" (leg {})", workflows.symbols.show(label)),
            };
            let problem = Problem::new(
                text.clone(),
                format!("another build pushes `{text}` as well{label}; the last one overwrites it"),
                "give each image a repository of its own, for instance with the matrix value in its name",
            );
            out.report(run, push.reference.at, problem);
        }
    }
}

/// How many pushes of one reference are compared with each other.
const MOST_COMPARED: usize = 8;

/// Whether two legs run in one run; two alternatives of one leg do not.
fn run_together(a: (&JobRun<'_>, &Leg), b: (&JobRun<'_>, &Leg)) -> bool {
    let same_job = std::ptr::eq(a.0.job, b.0.job) && a.0.caller == b.0.caller;
    !same_job || a.1.number != b.1.number || std::ptr::eq(a.1, b.1)
}

/// Whether a push surely sends a build of its own.
fn is_own_build(workflows: &Workflows<'_>, push: &Push) -> bool {
    matches!(push.origin, Some(Origin::Build(_)))
        && push.reference.kind != TagKind::Digest
        && push.certain
        && !push.remote
        && !images::is_exempt(&push.reference, workflows.conventions)
        // Conditions on the matrix keep legs apart that look alike here.
        && !push.condition.contains("matrix.")
}
