//! The rule `migrate-in-deploy`: a deploy job runs migrations itself.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobKind, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migrate-in-deploy",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "a deploy job runs migrations itself",
    why: "
        A deploy job that migrates runs the migration once for each host, at the same time, and when
        it fails, half of the hosts run the new code. Migrations belong in the migrate job.",
    bad: include_str!("migrate_in_deploy.bad.yml"),
    good: include_str!("migrate_in_deploy.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs().filter(|(run, _)| run.kind == JobKind::Deploy) {
        if workflows.conventions.policy.is_none() && !workflows.facts.migrates {
            continue;
        }
        let mut last_step = None;
        for migration in &leg.migrations {
            // The first of a step stands for all of them.
            if last_step.replace(migration.step) == Some(migration.step) {
                continue;
            }
            let (tool, id) = (&migration.tool, &run.job.id);
            let problem = Problem::new(
                tool.clone(),
                format!("the deploy job `{id}` runs `{tool}` itself"),
                "move it into the migrate job, and add that job to the `needs` of this one",
            );
            out.report(run, migration.at, problem);
        }
    }
}
