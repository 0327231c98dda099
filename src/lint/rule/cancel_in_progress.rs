//! The rule `cancel-in-progress`: `cancel-in-progress: true` where images are pushed or deployed.

use super::about::{Reporter, Rule, Say};
use super::deploy::concurrency;
use crate::lint::evaluate::{JobKind, Set};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "cancel-in-progress",
    severity: Severity::Warning,
    summary: "`cancel-in-progress: true` where images are pushed or deployed",
    why: "
        A run that is cancelled between two pushes leaves one registry, or one image, with the new release and
        the other without; cancelled in a deploy, half of the hosts. For tests it is fine.",
    bad: include_str!("cancel_in_progress.bad.yml"),
    good: include_str!("cancel_in_progress.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate() {
        let pushes = task.pushes().any(|push| !push.reference.is_local());
        if !pushes && task.kind != JobKind::Deploy {
            continue;
        }
        for (owner, node) in concurrency(set, at) {
            let Some(entry) = node.entry("cancel-in-progress") else { continue };
            let value = entry.value.text().unwrap_or_default();
            if task.scope.value(value).text(set.symbols) != "true" {
                continue;
            }
            let id = &task.job.id;
            let what = if pushes { "pushes" } else { "deploys" };
            let say = Say::new(
                "cancel-in-progress",
                format!("`{id}` {what}, and a newer run may cut it off in the middle"),
                "write `cancel-in-progress: false`",
            );
            out.at(owner, entry.key.at, say);
        }
    }
}
