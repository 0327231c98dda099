//! What a reviewer should know besides the entries: rules that match nothing, indexes with a part
//! gone, references in use that are nowhere.

use globset::GlobMatcher;

use super::engine::Decisions;
use super::graph::{Graph, number};
use super::protect::Protection;
use super::role::Role;
use super::rule::matches;
use crate::model::{ContentsCoverage, RegistryName, TagName};
use crate::policy::{Policy, RegistryKind, RetentionScope};

/// The warnings, in a stable order.
pub(super) fn warnings(protection: &Protection<'_>, decided: &Decisions<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    // What was not read may well have what a rule is for.
    if protection
        .graph
        .repositories()
        .iter()
        .all(|repository| repository.coverage == ContentsCoverage::Complete)
    {
        warnings.extend(idle_rules(protection));
        warnings.extend(idle_protection(protection));
    }
    warnings.extend(doubts(protection));
    warnings.extend(bare_repositories(protection));
    warnings.extend(damaged_indexes(protection, decided));
    warnings.extend(nowhere_in_use(protection));
    warnings.extend(untagged_unlisted(protection.graph, protection.policy));
    warnings
}

/// How many doubts of one repository are told one by one.
const MAX_REPORTED_DOUBTS: usize = 20;

/// What contradicts itself. A listing that is behind may be so in many tags.
fn doubts(protection: &Protection<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for repository in protection.graph.repositories() {
        let path = &repository.repository.path;
        let doubts = repository.inconsistencies.iter().take(MAX_REPORTED_DOUBTS);
        told.extend(doubts.map(|doubt| doubt.describe(path)));
        let more = repository.inconsistencies.len().saturating_sub(MAX_REPORTED_DOUBTS);
        if more > 0 {
            told.push(format!("{path}: {more} more contradict themselves, and are kept"));
        }
    }
    told
}

/// All tags that the rules by glob may speak of, or all tags at all.
fn any_tag(
    protection: &Protection<'_>,
    of: impl Fn(Role) -> bool,
    is: impl Fn(&TagName) -> bool,
) -> bool {
    let (graph, roles) = (protection.graph, protection.roles);
    graph.nodes().any(|node| roles.named(graph, node).any(|(_, name, role)| of(role) && is(name)))
}

fn idle_rules(protection: &Protection<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (place, rule) in protection.policy.retention.iter().enumerate() {
        match &rule.scope {
            RetentionScope::Tags(globs) => {
                for glob in globs {
                    let one = std::slice::from_ref(glob);
                    if !any_tag(protection, |role| role == Role::Other, |tag| matches(one, tag)) {
                        let glob = glob.glob();
                        warnings.push(format!("retention[{place}]: `{glob}` matches no tag"));
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
                    warnings.push(format!("retention[{place}]: {name} has no release"));
                }
            }
        }
    }
    warnings
}

fn idle_protection(protection: &Protection<'_>) -> Vec<String> {
    let protect = &protection.policy.protect;
    let idle = |glob: &&GlobMatcher| {
        let one = std::slice::from_ref(*glob);
        !any_tag(protection, |_| true, |tag| matches(one, tag))
    };
    let tags = protect
        .tags
        .iter()
        .filter(idle)
        .map(|glob| format!("protect.tags: `{}` matches no tag", glob.glob()));
    let roles = protection.roles;
    let known = |sha| (0..number(roles.release_count())).any(|id| roles.sha(id).agrees_with(sha));
    let shas = protect
        .shas
        .iter()
        .filter(|sha| !known(sha))
        .map(|sha| format!("protect.shas: no release {sha}"));
    tags.chain(shas).collect()
}

/// Repositories without a release, of environments that have some elsewhere.
fn bare_repositories(protection: &Protection<'_>) -> Vec<String> {
    let (graph, roles) = (protection.graph, protection.roles);
    let mut warnings = Vec::new();
    for one in &roles.environments {
        let bare: Vec<usize> = one.bare().collect();
        if bare.len() == one.repositories.len() {
            continue;
        }
        for place in bare {
            let repository = &graph.repositories()[place].repository;
            let name = &one.environment.name;
            warnings.push(format!(
                "{repository} has no release of {name}: others are held for a rollback without"
            ));
        }
    }
    warnings
}

/// Kept indexes of which a part is gone already.
fn damaged_indexes(protection: &Protection<'_>, decided: &Decisions<'_>) -> Vec<String> {
    let graph = protection.graph;
    let kept = graph.nodes().filter(|node| decided.keep_set.is_kept(*node));
    kept.filter_map(|node| {
        let gone = graph.gone_children(node).next()?;
        let record = graph.record(node);
        let name = record.tags.iter().map(|tag| &tag.name).min();
        let name = name.map_or_else(|| record.digest.short(), ToString::to_string);
        let repository = &graph.repository(node).repository;
        Some(format!("{repository}: {name} lists {}, which is gone", gone.short()))
    })
    .collect()
}

fn nowhere_in_use(protection: &Protection<'_>) -> Vec<String> {
    let graph = protection.graph;
    protection
        .in_use
        .iter()
        .enumerate()
        .filter(|(place, reference)| {
            !protection.is_found(*place) && graph.find_repository(&reference.repository).is_some()
        })
        .map(|(_, reference)| format!("{} is in use, but not in the registry", reference.text))
        .collect()
}

/// Says once where `[untagged]` finds nothing, if it is set and there is such a registry.
fn untagged_unlisted(graph: &Graph<'_>, policy: &Policy) -> Option<String> {
    policy.untagged_keep_within?;
    let mut names: Vec<&str> = graph
        .repositories()
        .iter()
        .map(|repository| &repository.repository.registry)
        .filter(|name| {
            policy.registries.get(*name).is_some_and(|known| known.kind == RegistryKind::Oci)
        })
        .map(RegistryName::as_str)
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
