//! Registries that do not list what has no tag, so that a rule for it finds nothing there.

use super::graph::Graph;
use crate::policy::Policy;

/// Says once where `[untagged]` finds nothing, if it is set and there is such a registry.
pub(super) fn untagged_unlisted(graph: &Graph<'_>, policy: &Policy) -> Option<String> {
    policy.untagged_keep_within?;
    let mut names: Vec<&str> = graph
        .repositories()
        .iter()
        .filter(|repository| !repository.capabilities.lists_manifests)
        .map(|repository| repository.repository.registry.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let names = names.join(", ");
    Some(format!(
        "untagged: finds nothing in {names}, since a plain OCI registry lists no manifests without a tag; its own garbage collection can remove them"
    ))
}
