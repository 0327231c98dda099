//! The rule `tag-collision`: two different builds push one reference.

use std::collections::HashMap;

use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::{Origin, Push, Workflows};
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "tag-collision",
    severity: Severity::Error,
    summary: "two different builds push one reference",
    why: "
        Two steps, two Dockerfiles or two legs of a matrix that push the same reference overwrite
        each other: the last one wins, and the backend may run the image of the frontend. Not
        reported are steps whose conditions differ (they may exclude each other), copies of an image
        that was built once, and platforms that are pushed by digest.",
    bad: include_str!("tag_collision.bad.yml"),
    good: include_str!("tag_collision.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let mut first: HashMap<_, &Push> = HashMap::new();
    for (run, leg) in workflows.legs() {
        for push in leg.pushes.iter().filter(|push| is_own_build(push)) {
            let key = (run.workflow_run, push.reference.text(), &push.condition);
            let other = *first.entry(key).or_insert(push);
            if other.origin == push.origin {
                continue;
            }
            let text = workflows.show(&push.reference);
            let leg = match leg.label.as_str() {
                "" => String::new(),
                label => format!(" (leg {})", workflows.symbols.show(label)),
            };
            let problem = Problem::new(
                text.clone(),
                format!("another build pushes `{text}` as well{leg}; the last one overwrites it"),
                "give each image a repository of its own, for instance with the matrix value in its name",
            );
            out.report(run, push.reference.at, problem);
        }
    }
}

/// Whether a push surely sends a build of its own.
fn is_own_build(push: &Push) -> bool {
    matches!(push.origin, Some(Origin::Build(_)))
        && push.reference.kind != TagKind::Digest
        && push.certain
        && !push.remote
        // Conditions on the matrix keep legs apart that look alike here.
        && !push.condition.contains("matrix.")
}
