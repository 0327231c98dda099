//! The rule `no-concurrency-group`: a moving tag is pushed without a concurrency group.

use super::about::{Reporter, Rule, Say};
use super::deploy::concurrency;
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "no-concurrency-group",
    severity: Severity::Warning,
    summary: "a moving tag is pushed without a concurrency group",
    why: "
        Two runs at the same time push the same moving tag, and the older commit may well be the last to
        finish: `prod-latest` then goes back. A `concurrency` group, of the job, its workflow or a caller, lets
        one run after the other.",
    bad: include_str!("no_concurrency_group.bad.yml"),
    good: include_str!("no_concurrency_group.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate() {
        let moving = task.pushes().find(|push| {
            set.setup.kind(&push.reference, set.symbols) == TagKind::Mutable
                && !push.reference.is_local()
        });
        let Some(moving) = moving else { continue };
        let open = set
            .tree(task.tree)
            .any(|(_, other)| other.caller.is_none() && other.file.workflow.is_only_called());
        if open || concurrency(set, at).next().is_some() {
            continue;
        }
        let (id, tag) = (&task.job.id, set.symbols.show(moving.reference.tag()));
        let say = Say::new(
            id.clone(),
            format!("`{id}` pushes `{tag}`, and two runs may do so at the same time"),
            "add `concurrency: { group: ..., cancel-in-progress: false }` to the workflow or the job",
        );
        out.at(task, task.job.at, say);
    }
}
