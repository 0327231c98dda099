//! The rule `unprefixed-sha-tag`: a SHA tag without an environment prefix.

use std::collections::BTreeSet;

use super::invalid_tag::fault;
use super::push_group::is_covered;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Workflows, words};
use crate::lint::finding::Severity;
use crate::lint::position::Position;
use crate::lint::symbol::{SymbolKind, is_known};

pub(super) const RULE: Rule = Rule {
    name: "unprefixed-sha-tag",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "a SHA tag without an environment prefix",
    why: "
        The same commit is built for uat and for prod with different settings. Without the
        environment in the tag, one build overwrites the other, and nobody can tell which image a
        rollback of an environment may use. The repository may name the environment instead.",
    bad: include_str!("unprefixed_sha_tag.bad.yml"),
    good: include_str!("unprefixed_sha_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    // What registries refuse in some run has one finding, by `invalid-tag`.
    let invalid: BTreeSet<(&str, Position)> = workflows
        .pushes()
        .filter(|(_, push)| push.reference.tag.as_deref().and_then(fault).is_some())
        .map(|(run, push)| (run.file.name.as_str(), push.reference.at))
        .collect();
    for (run, push) in workflows.pushes() {
        let reference = &push.reference;
        if invalid.contains(&(run.file.name.as_str(), reference.at)) {
            continue;
        }
        let tag = reference.tag.as_deref().filter(|_| reference.kind.names_commit());
        let Some(tag) = tag.filter(|_| is_covered(workflows, run, push)) else { continue };
        let possible = workflows.symbols.possibilities(tag);
        if possible.iter().any(|tag| may_have_prefix(workflows, tag))
            || names_environment(workflows, &reference.repository())
        {
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
    conventions.prefix(tag, symbols).is_some()
        || conventions.environment(tag, symbols).is_some()
        || first.is_some_and(|symbol| !matches!(symbol.kind, SymbolKind::Sha(..)))
}

/// Whether a word of the repository is an environment, or may be one.
fn names_environment(workflows: &Workflows<'_>, repository: &str) -> bool {
    let environments = workflows.conventions.environment_names();
    words(repository).iter().any(|word| environments.contains(&word.as_str()))
        || !is_known(repository)
}
