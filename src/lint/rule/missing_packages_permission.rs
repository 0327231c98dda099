//! The rule `missing-packages-permission`: a push to ghcr.io without `packages: write`.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::{Leg, Set, Task};
use crate::lint::finding::Severity;
use crate::lint::yaml::Node;

pub(super) const RULE: Rule = Rule {
    name: "missing-packages-permission",
    severity: Severity::Warning,
    summary: "a push to ghcr.io without `packages: write`",
    why: "
        The token of a job may read packages only, unless `permissions` say more. A login with a personal access
        token needs no such permission and is left alone.",
    bad: include_str!("missing_packages_permission.bad.yml"),
    good: include_str!("missing_packages_permission.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate() {
        let pushes = task.legs.iter().any(pushes_with_own_token);
        if !pushes || may_write(set, at) {
            continue;
        }
        let id = &task.job.id;
        let say = Say::new(
            id.clone(),
            format!("`{id}` pushes to ghcr.io, and its token may not write packages"),
            "add `permissions: { contents: read, packages: write }` to the job",
        );
        out.at(task, task.job.at, say);
    }
}

fn pushes_with_own_token(leg: &Leg) -> bool {
    let foreign =
        |login: &crate::lint::evaluate::Login| login.host == "ghcr.io" && !login.own_token;
    leg.pushes.iter().any(|push| push.reference.host == "ghcr.io" && !push.remote)
        && !leg.logins.iter().any(foreign)
}

/// Whether every workflow on the way to the job grants it; a callee alone may be granted it.
fn may_write(set: &Set<'_>, at: usize) -> bool {
    let mut granted = false;
    let mut next = Some(at);
    while let Some(task) = next.map(|at| &set.tasks[at]) {
        match permissions(task) {
            Some(node) if !grants(node) => return false,
            Some(_) => granted = true,
            None if task.caller.is_none() && task.file.workflow.is_only_called() => return true,
            None => {}
        }
        next = task.caller;
    }
    granted
}

fn permissions<'t>(task: &'t Task<'_>) -> Option<&'t Node> {
    task.job.permissions.as_ref().or(task.file.workflow.permissions.as_ref())
}

fn grants(node: &Node) -> bool {
    node.text() == Some("write-all") || node.text_of("packages") == Some("write")
}
