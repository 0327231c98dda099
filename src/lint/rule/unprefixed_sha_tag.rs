//! The rule `unprefixed-sha-tag`: a SHA tag without an environment prefix.

use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::symbol::SymbolKind;

pub(super) const RULE: Rule = Rule {
    name: "unprefixed-sha-tag",
    severity: Severity::Warning,
    summary: "a SHA tag without an environment prefix",
    why: "
        The same commit is built for uat and for prod with different settings. Without the
        environment in the tag, one build overwrites the other, and nobody can tell which image a
        rollback of an environment may use.",
    bad: include_str!("unprefixed_sha_tag.bad.yml"),
    good: include_str!("unprefixed_sha_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, push) in workflows.pushes() {
        let reference = &push.reference;
        let tag = reference.tag.as_deref().filter(|_| reference.kind.names_commit());
        let Some(tag) = tag else { continue };
        let possible = workflows.symbols.possibilities(tag);
        if possible.iter().any(|tag| may_have_prefix(workflows, tag)) {
            continue;
        }
        let text = workflows.show(reference);
        let problem = Problem::new(
            text.clone(),
            format!("`{text}` does not say for which environment it was built"),
            "begin the tag with the environment: `prod-${{ github.sha }}`",
        );
        out.report(run, reference.at, problem);
    }
}

/// Whether a tag names its environment, or begins with something unknown that may.
fn may_have_prefix(workflows: &Workflows<'_>, tag: &str) -> bool {
    let (conventions, symbols) = (workflows.conventions, workflows.symbols);
    let first = tag.chars().next().and_then(|c| symbols.get(c));
    conventions.prefix(tag).is_some()
        || conventions.environment(tag, symbols).is_some()
        || first.is_some_and(|symbol| !matches!(symbol.kind, SymbolKind::Sha(_)))
}
