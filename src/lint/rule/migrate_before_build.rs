//! The rule `migrate-before-build`: migrate does not need the build job.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::{Call, JobKind, Set};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "migrate-before-build",
    severity: Severity::Warning,
    summary: "migrate does not need the build job",
    why: "
        A migration that runs before or beside the build changes the database for an image that may never
        exist, and uses the migrations of the image before.",
    bad: include_str!("migrate_before_build.bad.yml"),
    good: include_str!("migrate_before_build.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate() {
        if task.kind != JobKind::Migrate || task.call == Call::Inside {
            continue;
        }
        let builders: Vec<usize> = set
            .tree(task.tree)
            .filter(|(_, other)| {
                let builds = other.job.id.to_ascii_lowercase().starts_with("build")
                    || other.pushes().next().is_some();
                builds && other.kind == JobKind::Other && !other.after.contains(&at)
            })
            .map(|(builder, _)| builder)
            .collect();
        let Some(first) = builders.first() else { continue };
        if builders.iter().any(|builder| task.after.contains(builder)) {
            continue;
        }
        let (id, build) = (&task.job.id, &set.tasks[*first].job.id);
        let say = Say::new(
            id.clone(),
            format!("`{id}` does not wait for `{build}`"),
            format!("add `{build}` to its `needs`"),
        );
        out.at(task, task.job.at, say);
    }
}
