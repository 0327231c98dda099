//! The rule `migrate-in-deploy`: a deploy job runs migrations itself.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::{JobKind, Set};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migrate-in-deploy",
    severity: Severity::Warning,
    summary: "a deploy job runs migrations itself",
    why: "
        A deploy that migrates runs the migration once for each host, at the same time, and when it fails half
        of the hosts run the new code. Migrations belong into the migrate job.",
    bad: include_str!("migrate_in_deploy.bad.yml"),
    good: include_str!("migrate_in_deploy.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in set.tasks.iter().filter(|task| task.kind == JobKind::Deploy) {
        for migration in task.legs.iter().flat_map(|leg| &leg.migrations) {
            let (tool, id) = (&migration.tool, &task.job.id);
            let say = Say::new(
                tool.clone(),
                format!("`{id}` deploys, and runs `{tool}` itself"),
                "move it into the migrate job, which this one needs",
            );
            out.at(task, migration.at, say);
        }
    }
}
