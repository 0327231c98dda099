//! What a reviewer should know besides the entries: rules that match nothing, indexes with missing
//! children, references in use that were not found.

use globset::GlobMatcher;

use super::engine::Decisions;
use super::graph::{Graph, number};
use super::protect::Protection;
use super::role::Role;
use super::rule::matches;
use crate::model::{ContentsCoverage, TagName};
use crate::policy::{Policy, RetentionScope};

/// The warnings, in a stable order.
pub(super) fn warnings(protection: &Protection<'_>, decided: &Decisions<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    // What a rule matches may be in a repository that was not read.
    if protection
        .graph
        .repositories()
        .iter()
        .all(|repository| repository.coverage == ContentsCoverage::Complete)
    {
        warnings.extend(unmatched_rules(protection));
        warnings.extend(unmatched_protection(protection));
    }
    warnings.extend(contradictions(protection));
    warnings.extend(repositories_without_release(protection));
    warnings.extend(incomplete_indexes(protection, decided));
    warnings.extend(in_use_not_found(protection));
    warnings.extend(unlisted_untagged(protection.graph, protection.policy));
    warnings
}

/// How many contradictions of one repository are listed.
const MAX_LISTED_CONTRADICTIONS: usize = 20;

/// Contradictions found in the repositories. An outdated listing may have many.
fn contradictions(protection: &Protection<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    for repository in protection.graph.repositories() {
        let path = &repository.repository.path;
        let listed = repository.inconsistencies.iter().take(MAX_LISTED_CONTRADICTIONS);
        warnings.extend(listed.map(|found| found.describe(path)));
        let more = repository.inconsistencies.len().saturating_sub(MAX_LISTED_CONTRADICTIONS);
        if more > 0 {
            warnings.push(format!(
                "{path}: {more} more contradictions; the manifests concerned are kept"
            ));
        }
    }
    warnings
}

/// Whether any tag has such a role and such a name.
fn any_tag(
    protection: &Protection<'_>,
    has_role: impl Fn(Role) -> bool,
    has_name: impl Fn(&TagName) -> bool,
) -> bool {
    let (graph, roles) = (protection.graph, protection.roles);
    graph.nodes().any(|node| {
        roles.named(graph, node).any(|(_, name, role)| has_role(role) && has_name(name))
    })
}

fn unmatched_rules(protection: &Protection<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (index, rule) in protection.policy.retention.iter().enumerate() {
        match &rule.scope {
            // What matches nothing here may match in another shard.
            RetentionScope::Tags(_) if protection.policy.shard.is_some() => {}
            RetentionScope::Tags(globs) => {
                for glob in globs {
                    let one = std::slice::from_ref(glob);
                    if !any_tag(protection, |role| role == Role::Other, |tag| matches(one, tag)) {
                        let glob = glob.glob();
                        warnings.push(format!("retention[{index}]: `{glob}` matches no tag"));
                    }
                }
            }
            RetentionScope::Environments(names) => {
                let has = |name: &str| {
                    let roles = protection.roles;
                    roles
                        .environments
                        .iter()
                        .any(|one| one.environment.name.as_str() == name && !one.ids().is_empty())
                };
                for name in names.iter().filter(|name| !has(name.as_str())) {
                    warnings.push(format!("retention[{index}]: {name} has no release"));
                }
            }
        }
    }
    warnings
}

fn unmatched_protection(protection: &Protection<'_>) -> Vec<String> {
    let protect = &protection.policy.protect;
    if protection.policy.shard.is_some() {
        return Vec::new();
    }
    let is_unmatched = |glob: &&GlobMatcher| {
        let one = std::slice::from_ref(*glob);
        !any_tag(protection, |_| true, |tag| matches(one, tag))
    };
    let tags = protect
        .tags
        .iter()
        .filter(is_unmatched)
        .map(|glob| format!("protect.tags: `{}` matches no tag", glob.glob()));
    let roles = protection.roles;
    let known = |sha| (0..number(roles.release_count())).any(|id| roles.sha(id).agrees_with(sha));
    let shas = protect
        .shas
        .iter()
        .filter(|sha| !known(sha))
        .map(|sha| format!("protect.shas: `{sha}` matches no release"));
    tags.chain(shas).collect()
}

/// Repositories without a release of an environment that has releases in others.
fn repositories_without_release(protection: &Protection<'_>) -> Vec<String> {
    let (graph, roles) = (protection.graph, protection.roles);
    let mut warnings = Vec::new();
    for one in &roles.environments {
        let empty: Vec<usize> = one.without_release().collect();
        if empty.len() == one.repositories.len() {
            continue;
        }
        for index in empty {
            let repository = &graph.repositories()[index].repository;
            let name = &one.environment.name;
            warnings.push(format!(
                "{repository} has no release of {name}; the releases kept for a rollback are chosen without this repository"
            ));
        }
    }
    warnings
}

/// Kept indexes with missing children.
fn incomplete_indexes(protection: &Protection<'_>, decided: &Decisions<'_>) -> Vec<String> {
    let graph = protection.graph;
    let kept = graph.nodes().filter(|node| decided.keep_set.is_kept(*node));
    kept.filter_map(|node| {
        let missing = graph.missing_children(node).next()?;
        let record = graph.record(node);
        let name = record.tags.iter().map(|tag| &tag.name).min();
        let name = name.map_or_else(|| record.digest.short(), ToString::to_string);
        let repository = &graph.repository(node).repository;
        Some(format!(
            "{repository}: {name} lists {}, which is not in the registry",
            missing.short()
        ))
    })
    .collect()
}

fn in_use_not_found(protection: &Protection<'_>) -> Vec<String> {
    let graph = protection.graph;
    protection
        .in_use
        .iter()
        .enumerate()
        .filter(|(index, reference)| {
            !protection.is_found(*index) && graph.find_repository(&reference.repository).is_some()
        })
        .map(|(_, reference)| format!("{} is in use, but not in the registry", reference.text))
        .collect()
}

/// The registries in which `[untagged]` finds nothing, since they do not list untagged manifests.
fn unlisted_untagged(graph: &Graph<'_>, policy: &Policy) -> Option<String> {
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
        "untagged: finds nothing in {names}, since a plain OCI registry does not list manifests without a tag; its own garbage collection can remove them"
    ))
}
