//! Which images are one's own, so that some workflow ought to push them.

use crate::lint::evaluate::Workflows;
use crate::lint::reference::{Reference, namespace};
use crate::lint::symbol::is_known;

/// Whether an image is one's own: its registry is, and nothing says that it belongs to others.
pub(super) fn is_own(workflows: &Workflows<'_>, reference: &Reference) -> bool {
    let conventions = &workflows.conventions;
    let of_environment =
        reference.tag.as_deref().is_some_and(|tag| conventions.prefix(tag).is_some());
    if !is_known(&reference.host) {
        return workflows.namespaces.contains_key(&reference.host) || of_environment;
    }
    let policy = conventions.policy.into_iter().flat_map(|policy| policy.repositories.keys());
    let of_policy = policy
        .filter(|repository| repository.host == reference.host)
        .map(|repository| namespace(&repository.path.to_string()).to_owned());
    let pushed = workflows.namespaces.get(&reference.host).into_iter().flatten().cloned();
    let namespaces: Vec<String> = pushed.chain(of_policy).collect();
    if namespaces.is_empty() && !conventions.is_own_host(&reference.host) {
        return false;
    }
    let names_release = of_environment || reference.kind.names_commit();
    let own = |known: &String| workflows.symbols.may_equal(known, reference.namespace());
    names_release || namespaces.is_empty() || namespaces.iter().any(own)
}
