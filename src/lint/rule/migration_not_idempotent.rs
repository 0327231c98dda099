//! The rule `migration-not-idempotent`: a migration without `--fake-initial` in a migrate job.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::{JobKind, Set};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migration-not-idempotent",
    severity: Severity::Error,
    summary: "a migration without `--fake-initial` in a migrate job",
    why: "
        A migration that ran half and is run again stops at the first table that exists, and blocks every
        deploy until somebody repairs it by hand. `--fake-initial` lets `manage.py migrate` and
        `migrate_schemas --shared` pass over initial migrations whose tables are there.",
    bad: include_str!("migration_not_idempotent.bad.yml"),
    good: include_str!("migration_not_idempotent.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in set.tasks.iter().filter(|task| task.kind == JobKind::Migrate) {
        for migration in task.legs.iter().flat_map(|leg| &leg.migrations) {
            if !migration.checked || migration.idempotent {
                continue;
            }
            let tool = &migration.tool;
            let say = Say::new(
                tool.clone(),
                format!(
                    "`{tool}` without `--fake-initial` cannot be run a second time after it broke off"
                ),
                "add `--fake-initial`",
            );
            out.at(task, migration.at, say);
        }
    }
}
