//! The rule `tag-never-pushed`: an own reference that nobody pushes.

use super::about::{Reporter, Rule, Say};
use super::deploy::is_own;
use crate::lint::evaluate::{Set, Task};
use crate::lint::finding::Severity;
use crate::lint::reference::{Reference, TagKind};

pub(super) const RULE: Rule = Rule {
    name: "tag-never-pushed",
    severity: Severity::Error,
    summary: "an own reference that nobody pushes",
    why: "
        The deploy fails at the pull, or, worse, finds an old image under that name. A tag with the SHA of this
        run must be pushed by this workflow or its caller; a tag that moves by some workflow of the set. Where
        a push cannot be read (a script, an action, another repository's workflow) nothing is claimed.",
    bad: include_str!("tag_never_pushed.bad.yml"),
    good: include_str!("tag_never_pushed.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for used in task.legs.iter().flat_map(|leg| &leg.uses) {
            let reference = &used.reference;
            if !is_own(set, reference) || !is_missing(set, task, reference) {
                continue;
            }
            let text = set.symbols.show(&reference.text());
            let whom = if reference.kind == TagKind::Mutable {
                "no workflow"
            } else {
                "neither this workflow nor its caller"
            };
            let say = Say::new(
                text.clone(),
                format!("{whom} pushes `{text}`"),
                "push it before, or correct the registry, the repository or the tag",
            );
            out.at(task, reference.at, say);
        }
    }
}

fn is_missing(set: &Set<'_>, task: &Task<'_>, reference: &Reference) -> bool {
    let known = |tree: Option<usize>| {
        let within = |at: usize| tree.is_none_or(|tree| set.tasks[at].tree == tree);
        let may = set.pushes_of(reference).into_iter().any(|(at, _)| within(at));
        !may && !set.is_exhausted() && !set.opaque.iter().any(|at| within(*at))
    };
    match reference.kind {
        TagKind::Mutable => set.complete && known(None),
        TagKind::Immutable | TagKind::Short => {
            let of_this_run =
                [set.symbols.context("github.sha"), set.symbols.sha("${{ github.sha }}", 7)];
            let root_is_called = set
                .tree(task.tree)
                .any(|(_, other)| other.caller.is_none() && other.file.workflow.is_only_called());
            of_this_run.iter().any(|sha| reference.holds_symbol(sha))
                && !root_is_called
                && known(Some(task.tree))
        }
        _ => false,
    }
}
