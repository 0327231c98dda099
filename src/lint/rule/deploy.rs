//! Questions about jobs and images that several rules ask.

use crate::lint::evaluate::{JobKind, Set, Task};
use crate::lint::reference::{Reference, TagKind};
use crate::lint::symbol::is_known;
use crate::lint::yaml::Node;

/// Whether a job deploys by its own name, and is not there to go back.
pub(super) fn is_deploy(task: &Task<'_>) -> bool {
    JobKind::of(&task.job.id) == JobKind::Deploy
        && !task.job.id.to_ascii_lowercase().starts_with("rollback")
}

/// The part of a path that says whose it is.
fn namespace(path: &str) -> &str {
    path.split_once('/').map_or(path, |(namespace, _)| namespace)
}

/// Whether an image is one's own: its registry is, and nothing says that it belongs to others.
pub(super) fn is_own(set: &Set<'_>, reference: &Reference) -> bool {
    let setup = &set.setup;
    let of_environment = reference.tag.as_deref().is_some_and(|tag| setup.prefix(tag).is_some());
    if !is_known(&reference.host) {
        return set.namespaces.contains_key(&reference.host) || of_environment;
    }
    let policy = setup.policy.into_iter().flat_map(|policy| policy.repositories.keys());
    let of_policy = policy
        .filter(|repository| repository.host == reference.host)
        .map(|repository| repository.path.to_string());
    let of_policy = of_policy.map(|path| namespace(&path).to_owned());
    let pushed = set.namespaces.get(&reference.host).into_iter().flatten().cloned();
    let spaces: Vec<String> = pushed.chain(of_policy).collect();
    if spaces.is_empty() && !setup.is_own_host(&reference.host) {
        return false;
    }
    let names_release =
        of_environment || matches!(reference.kind, TagKind::Immutable | TagKind::Short);
    let own = |space: &String| set.symbols.may_equal(space, namespace(&reference.path));
    names_release || spaces.is_empty() || spaces.iter().any(own)
}

/// The concurrency settings that hold for a job, with the job whose file has them.
pub(super) fn concurrency<'s>(
    set: &'s Set<'_>,
    at: usize,
) -> impl Iterator<Item = (&'s Task<'s>, &'s Node)> {
    let mut found = Vec::new();
    let mut next = Some(at);
    while let Some(task) = next.map(|at| &set.tasks[at]) {
        let of_job = task.job.concurrency.as_ref();
        let of_workflow = task.file.workflow.concurrency.as_ref();
        found.extend(of_job.into_iter().chain(of_workflow).map(|node| (task, node)));
        next = task.caller;
    }
    found.into_iter()
}
