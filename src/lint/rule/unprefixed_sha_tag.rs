//! The rule `unprefixed-sha-tag`: a SHA tag without an environment prefix.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "unprefixed-sha-tag",
    severity: Severity::Warning,
    summary: "a SHA tag without an environment prefix",
    why: "
        The same commit is built for uat and for prod with different settings. Without the environment in the
        tag one build overwrites the other, and nobody can tell what may be rolled back to.",
    bad: include_str!("unprefixed_sha_tag.bad.yml"),
    good: include_str!("unprefixed_sha_tag.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (task, push) in set.pushes() {
        let reference = &push.reference;
        let Some(tag) = reference.tag.as_deref().filter(|_| reference.kind.names_commit()) else {
            continue;
        };
        let open =
            |tag: &String| {
                set.setup.prefix(tag).is_some()
                    || set.setup.environment(tag, set.symbols).is_some()
                    || tag.chars().next().and_then(|c| set.symbols.get(c)).is_some_and(|symbol| {
                        !matches!(symbol.kind, crate::lint::symbol::Kind::Sha(_))
                    })
            };
        if set.symbols.possibilities(tag).iter().any(open) {
            continue;
        }
        let text = set.symbols.show(&reference.text());
        let say = Say::new(
            text.clone(),
            format!("`{text}` does not say for which environment it was built"),
            "begin the tag with the environment: `prod-${{ github.sha }}`",
        );
        out.at(&set.tasks[task], reference.at, say);
    }
}
