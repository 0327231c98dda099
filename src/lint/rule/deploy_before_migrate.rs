//! The rule `deploy-before-migrate`: a deploy job that does not wait for migrate, or gets round it.

use super::about::{Reporter, Rule, Say};
use super::deploy::is_deploy;
use crate::lint::evaluate::{Ending, JobKind, Set, Task};
use crate::lint::expression::condition;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "deploy-before-migrate",
    severity: Severity::Error,
    summary: "a deploy job that does not wait for migrate, or gets round it",
    why: "
        Without `needs` the deploy runs beside the migration; with `always()`, `failure()` or `cancelled()` in
        its `if` it runs although the migration failed. A condition that asks for the result of migrate,
        `needs.migrate.result == 'success'`, is fine. Rollback jobs are left alone.",
    bad: include_str!("deploy_before_migrate.bad.yml"),
    good: include_str!("deploy_before_migrate.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate().filter(|(_, task)| is_deploy(task)) {
        let migrates = |other: &Task<'_>| other.kind == JobKind::Migrate;
        if !set.tree(task.tree).any(|(_, other)| migrates(other)) || migrates_inside(set, at) {
            continue;
        }
        let waits = task.after.iter().any(|before| migrates(&set.tasks[*before]));
        let id = &task.job.id;
        let (place, message) = match &task.job.condition {
            _ if !waits => (task.job.at, format!("`{id}` does not wait for the migration")),
            Some(text) if gets_round(set, task, text.text()) => {
                (text.at, format!("`{id}` runs although the migration may have failed"))
            }
            _ => continue,
        };
        let help = "need the migrate job, and let nothing but its success lead here";
        out.at(task, place, Say::new(id.clone(), message, help));
    }
}

/// Whether a job calls a workflow that migrates itself.
fn migrates_inside(set: &Set<'_>, call: usize) -> bool {
    set.tasks.iter().any(|task| task.kind == JobKind::Migrate && is_within(set, task, call))
}

fn is_within(set: &Set<'_>, task: &Task<'_>, call: usize) -> bool {
    let mut caller = task.caller;
    while let Some(at) = caller {
        if at == call {
            return true;
        }
        caller = set.tasks[at].caller;
    }
    false
}

/// Whether a condition can hold after a migration that failed, or was cancelled where it asks for that.
fn gets_round(set: &Set<'_>, task: &Task<'_>, text: &str) -> bool {
    // What stands in quotes is no call.
    let plain: String = text.split('\'').step_by(2).collect();
    let lower = plain.to_ascii_lowercase().replace(' ', "");
    if !["always()", "failure()", "cancelled()"].iter().any(|call| lower.contains(call)) {
        return false;
    }
    let cancelled =
        lower.contains("cancelled()") && holds_after(set, task, text, Ending::Cancelled);
    cancelled || holds_after(set, task, text, Ending::Failed)
}

/// Whether a condition can hold when the migration has ended without success.
fn holds_after(set: &Set<'_>, task: &Task<'_>, text: &str, ending: Ending) -> bool {
    let result = match ending {
        Ending::Failed => "failure",
        Ending::Cancelled => "cancelled",
    };
    let mut scope = task.scope.clone();
    scope.ending = Some(ending);
    for need in task.job.needs() {
        let of_need = |other: &&Task<'_>| other.job.id == need && other.caller == task.caller;
        for other in set.tree(task.tree).map(|(_, other)| other).filter(of_need) {
            let after = other.after.iter().any(|at| set.tasks[*at].kind == JobKind::Migrate);
            let result = if other.kind == JobKind::Migrate { result } else { "skipped" };
            if after || other.kind == JobKind::Migrate {
                scope.results.insert(need.to_owned(), result.to_owned());
            }
        }
    }
    condition(text, &scope) != Some(false)
}
