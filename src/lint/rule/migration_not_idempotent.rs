//! The rule `migration-not-idempotent`: a migration without `--fake-initial` in a migrate job.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobKind, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migration-not-idempotent",
    severity: Severity::Error,
    applies: Applies::ByConvention,
    summary: "a migration without `--fake-initial` in a migrate job",
    why: "
        A migration that failed halfway and is run again stops at the first table that exists, and
        blocks every deploy until somebody repairs it by hand. With `--fake-initial`,
        `manage.py migrate` and `migrate_schemas --shared` skip initial migrations whose tables exist.",
    bad: include_str!("migration_not_idempotent.bad.yml"),
    good: include_str!("migration_not_idempotent.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    if workflows.conventions.policy.is_none() && !workflows.facts.has_fake_initial {
        return;
    }
    for (run, leg) in workflows.legs().filter(|(run, _)| run.kind == JobKind::Migrate) {
        for migration in &leg.migrations {
            if !migration.must_be_idempotent || migration.is_idempotent {
                continue;
            }
            let tool = &migration.tool;
            let problem = Problem::new(
                tool.clone(),
                format!(
                    "`{tool}` without `--fake-initial` cannot be run again after it has failed halfway"
                ),
                "add `--fake-initial`",
            );
            out.report(run, migration.at, problem);
        }
    }
}
