//! The rule `tag-collision`: two different builds push one reference.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::{Origin, Push, Set};
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "tag-collision",
    severity: Severity::Error,
    summary: "two different builds push one reference",
    why: "
        Two steps, two Dockerfiles or two legs of a matrix that push the same reference overwrite each
        other: the last one wins, and the frontend runs as backend. Steps whose conditions differ may exclude
        each other and are left alone, and so are copies of an image that was built once, and platforms that are
        pushed by digest.",
    bad: include_str!("tag_collision.bad.yml"),
    good: include_str!("tag_collision.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    let mut first: BTreeMap<(usize, String, String), &Push> = BTreeMap::new();
    for (at, task) in set.tasks.iter().enumerate() {
        for leg in &task.legs {
            for push in leg.pushes.iter().filter(|push| built(push)) {
                let reference = push.reference.text();
                let key = (task.tree, reference.clone(), push.condition.clone());
                let Some(other) = first.get(&key) else {
                    first.insert(key, push);
                    continue;
                };
                if other.origin == push.origin {
                    continue;
                }
                let text = set.symbols.show(&reference);
                let legs = if leg.label.is_empty() {
                    String::new()
                } else {
                    format!(" (leg {})", set.symbols.show(&leg.label))
                };
                let say = Say::new(
                    text.clone(),
                    format!("another build pushes `{text}` as well{legs}; the last one wins"),
                    "give each image a repository of its own, for instance with the matrix value in its name",
                );
                out.at(&set.tasks[at], push.reference.at, say);
            }
        }
    }
}

/// Whether a push surely sends a build of its own.
fn built(push: &Push) -> bool {
    let own = matches!(push.origin, Some(Origin::Build(_)));
    let tagged = push.reference.kind != TagKind::Digest;
    own && tagged && push.certain && !push.remote && !push.condition.contains("matrix.")
}
