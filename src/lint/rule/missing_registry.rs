//! The rule `missing-registry`: an image is not pushed to a registry that its environment needs.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::setup::Setup;

pub(super) const RULE: Rule = Rule {
    name: "missing-registry",
    severity: Severity::Error,
    summary: "an image is not pushed to a registry that its environment needs",
    why: "
        The policy says in which registries the images of an environment must be. A workflow that pushes to
        one of them only leaves the others with an old release. Only with a policy file.",
    bad: include_str!("missing_registry.bad.yml"),
    good: include_str!("missing_registry.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (task, push) in set.pushes() {
        let Some(tag) = push.reference.tag.as_deref() else { continue };
        let Some((environment, _)) = set.setup.environment(tag, set.symbols) else { continue };
        let repositories = Setup::repositories(environment);
        let Some(image) = repositories.get(&push.reference.repository()) else { continue };
        for (repository, _) in repositories.iter().filter(|(_, name)| *name == image) {
            let tree = set.tasks[task].tree;
            let pushed = set.pushes_to(repository).into_iter().any(|(at, other)| {
                let of_it = other.reference.tag.as_deref().is_none_or(|tag| {
                    let found = set.setup.environment(tag, set.symbols);
                    found.is_none_or(|(found, _)| found.name == environment.name)
                });
                of_it && set.tasks[at].tree == tree
            });
            if pushed || set.is_exhausted() {
                continue;
            }
            let say = Say::new(
                repository.clone(),
                format!(
                    "{image} is not pushed to `{repository}`, which {} needs",
                    environment.name
                ),
                format!("add the tags of {} for `{repository}`", environment.name),
            );
            out.at(&set.tasks[task], push.anchor, say);
        }
    }
}
