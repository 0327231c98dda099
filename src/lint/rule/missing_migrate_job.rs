//! The rule `missing-migrate-job`: deploy jobs, but no migrate job.

use super::about::{Reporter, Rule, Say};
use super::deploy::is_deploy;
use crate::lint::evaluate::{Call, JobKind, Set};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "missing-migrate-job",
    severity: Severity::Error,
    summary: "deploy jobs, but no migrate job",
    why: "
        New code on an old schema fails in production at the first query. Migrations belong into a job of
        their own between build and deploy. A workflow that only rolls back, and one that calls a workflow
        which cannot be read, are left alone.",
    bad: include_str!("missing_migrate_job.bad.yml"),
    good: include_str!("missing_migrate_job.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for tree in 0..set.trees() {
        let migrates = set.tree(tree).any(|(_, task)| {
            task.kind == JobKind::Migrate || task.job.name.to_ascii_lowercase().contains("migrat")
        });
        let unknown = set.tree(tree).any(|(_, task)| {
            task.call == Call::Opaque
                || (task.caller.is_none() && task.file.workflow.is_only_called())
        });
        let deploy = set.tree(tree).find(|(_, task)| is_deploy(task));
        let Some((_, deploy)) = deploy.filter(|_| !migrates && !unknown) else { continue };
        let say = Say::new(
            deploy.job.id.clone(),
            format!("`{}` deploys, and no job migrates the database before", deploy.job.id),
            "add a job `migrate` between build and deploy, and need it here",
        );
        out.at(deploy, deploy.job.at, say);
    }
}
