//! The rule `missing-registry`: an image is not pushed to a registry that its environment needs.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::conventions::Conventions;
use crate::lint::evaluate::{JobRun, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "missing-registry",
    severity: Severity::Error,
    applies: Applies::WithPolicyOnly,
    summary: "an image is not pushed to a registry that its environment needs",
    why: "
        The policy says in which registries the images of an environment must be. A workflow that
        pushes to only one of them leaves an old release in the others. Works only with a policy
        file.",
    bad: include_str!("missing_registry.bad.yml"),
    good: include_str!("missing_registry.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let environment = |tag: &str| workflows.conventions.environment(tag, workflows.symbols);
    for (run, push) in workflows.pushes() {
        let Some((needing, _)) = push.reference.tag.as_deref().and_then(environment) else {
            continue;
        };
        let repositories = Conventions::repositories(needing);
        let Some(image) = repositories.get(&push.reference.repository()) else { continue };
        for (repository, _) in repositories.iter().filter(|(_, name)| *name == image) {
            let pushed = workflows.pushes_to(repository).into_iter().any(|other| {
                let found = other.push.reference.tag.as_deref().and_then(environment);
                found.is_none_or(|(found, _)| found.name == needing.name)
                    && is_beside(run, &workflows.job_runs[other.run])
            });
            if pushed || workflows.is_exhausted() {
                continue;
            }
            let name = &needing.name;
            let problem = Problem::new(
                repository.clone(),
                format!("{image} is not pushed to `{repository}`, which {name} needs"),
                format!("add the tags of {name} for `{repository}`"),
            );
            out.report(run, push.anchor, problem);
        }
    }
}

/// Whether a job runs together with another one, or belongs to another workflow, which may push the rest.
fn is_beside(run: &JobRun<'_>, other: &JobRun<'_>) -> bool {
    other.workflow_run == run.workflow_run || !std::ptr::eq(other.root, run.root)
}
