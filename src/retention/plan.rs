//! The plan: every manifest once, with what happens to it and why. A dry run shows it, a plan file
//! holds it, and an apply carries it out.

use chrono::{DateTime, Utc};

use super::engine::Decisions;
use super::floor::{CurrentAndFloor, complete_count, is_read_completely};
use super::graph::{Graph, ManifestState, Node};
use super::keep_set::Rule;
use super::protect::Protection;
use super::reason::{KeepCode, Reason, ReasonCode};
use super::role::ReleaseId;
use super::sentence::Sentences;
use super::warning::warnings;
use crate::model::{
    ContentsCoverage, Digest, EnvironmentName, ImageName, Repository, RepositoryContents, Sha,
    TagName, Unread, UnreadCause,
};
use crate::policy::Shard;

/// What happens to a manifest.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Decision {
    /// It is kept as it is.
    Keep,
    /// It is kept, and loses these tags.
    Untag(Vec<TagName>),
    /// It is deleted, with all its tags.
    Delete,
}

impl Decision {
    /// The word used in output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.into()
    }
}

/// One manifest of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEntry {
    /// The image that the repository belongs to, if the policy knows it.
    pub image: Option<ImageName>,
    /// Where it is.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Its tags, sorted.
    pub tags: Vec<TagName>,
    /// What happens to it.
    pub decision: Decision,
    /// Why.
    pub reason: Reason,
    /// Its size with config and layers, as far as it is known.
    pub bytes: Option<u64>,
    /// How much of what is stored counts with it: content that several manifests share counts with one of
    /// them ([`count_content_once`](super::count_content_once)). Until that was counted, its size.
    pub stored: u64,
    /// When it was last pushed or tagged, else when it was built.
    pub time: Option<DateTime<Utc>>,
}

/// Whether a repository was read completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryCoverage {
    /// The repository.
    pub repository: Repository,
    /// Why it was not, if so.
    pub unread: Option<Unread>,
}

/// What remains of an environment after the plan, for a reviewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentSummary {
    /// The environment.
    pub environment: EnvironmentName,
    /// The release or releases that count as current.
    pub current: Vec<Sha>,
    /// The releases that are kept for a rollback from there, newest first.
    pub floor: Vec<Sha>,
    /// How many releases are kept.
    pub kept: usize,
    /// How many releases are deleted.
    pub deleted: usize,
    /// How many releases are complete; `None` where something could not be read.
    pub complete: Option<usize>,
}

/// Every manifest once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// When it was made: the `now` of its input.
    pub created: DateTime<Utc>,
    /// The digest of the policy file's bytes.
    pub policy: Digest,
    /// The repositories, sorted.
    pub coverage: Vec<RepositoryCoverage>,
    /// The manifests, sorted by repository, then time (newest first), then digest.
    pub entries: Vec<PlanEntry>,
    /// The images that the policy's patterns found.
    pub images: Vec<ImageName>,
    /// Which part of the policy it is about, if not all of it.
    pub shard: Option<Shard>,
    /// What remains of each environment. Empty in a plan that was read from a file.
    pub environments: Vec<EnvironmentSummary>,
    /// What a reviewer should know besides: rules that match nothing, indexes with missing children.
    /// Empty in a plan that was read from a file.
    pub warnings: Vec<String>,
}

/// Counts of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntryTotals {
    /// Manifests that are kept as they are.
    pub keep: usize,
    /// Manifests that are kept and lose tags.
    pub untag: usize,
    /// Manifests that are deleted.
    pub delete: usize,
    /// How much the deletions free once their registries collect garbage.
    pub bytes: u64,
}

impl EntryTotals {
    /// Counts entries.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a PlanEntry>) -> Self {
        entries.into_iter().fold(Self::default(), |mut totals, entry| {
            match entry.decision {
                Decision::Keep => totals.keep += 1,
                Decision::Untag(_) => totals.untag += 1,
                Decision::Delete => {
                    totals.delete += 1;
                    totals.bytes = totals.bytes.saturating_add(entry.stored);
                }
            }
            totals
        })
    }
}

impl Plan {
    /// The counts of all entries.
    #[must_use]
    pub fn totals(&self) -> EntryTotals {
        EntryTotals::of(&self.entries)
    }

    /// Whether every repository was read completely.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.coverage.iter().all(|coverage| coverage.unread.is_none())
    }
}

/// The plan, with everything in the order in which it is shown.
pub(super) fn assemble(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    policy: Digest,
) -> Plan {
    let graph = protection.graph;
    let sentences = Sentences { protection, decided };
    let mut entries = Vec::with_capacity(graph.nodes().len());
    for repository in 0..graph.repositories().len() {
        let mut nodes: Vec<(Option<DateTime<Utc>>, Node)> =
            graph.nodes_of(repository).map(|node| (protection.since(node), node)).collect();
        nodes.sort_by(|(a_time, a), (b_time, b)| b_time.cmp(a_time).then(a.cmp(b)));
        entries.extend(nodes.into_iter().map(|(time, node)| entry(&sentences, node, time)));
    }
    let coverage = (0..graph.repositories().len()).map(|index| coverage(graph, index)).collect();
    let mut environments: Vec<EnvironmentSummary> = (0..protection.roles.environments.len())
        .map(|environment| summary(protection, decided, environment))
        .collect();
    let in_order = protection.policy.environments_in_order();
    environments.sort_by_key(|of| in_order.iter().position(|one| one.name == of.environment));
    let warnings = warnings(protection, decided);
    let (images, shard) = (protection.policy.found.clone(), protection.policy.shard);
    Plan {
        created: protection.now,
        policy,
        images,
        shard,
        coverage,
        entries,
        environments,
        warnings,
    }
}

/// The totals, without building entries.
pub(super) fn totals(protection: &Protection<'_>, decided: &Decisions<'_>) -> EntryTotals {
    let mut totals = EntryTotals::default();
    for node in protection.graph.nodes() {
        if decided.delete_cause(node).is_some() {
            let bytes = protection.graph.record(node).bytes.unwrap_or(0);
            totals.delete += 1;
            totals.bytes = totals.bytes.saturating_add(bytes);
        } else if decided.keep_set.lost_tags(node).next().is_some() {
            totals.untag += 1;
        } else {
            totals.keep += 1;
        }
    }
    totals
}

fn entry(sentences: &Sentences<'_, '_>, node: Node, time: Option<DateTime<Utc>>) -> PlanEntry {
    let protection = sentences.protection;
    let record = protection.graph.record(node);
    let repository = protection.graph.repository(node);
    let mut tags: Vec<TagName> = record.tags.iter().map(|tag| tag.name.clone()).collect();
    tags.sort();
    let (decision, reason) = decision(sentences, node);
    PlanEntry {
        image: Some(repository.image.clone()),
        repository: repository.repository.clone(),
        digest: record.digest.clone(),
        tags,
        decision,
        reason,
        bytes: record.bytes,
        stored: record.bytes.unwrap_or(0),
        time,
    }
}

fn decision(sentences: &Sentences<'_, '_>, node: Node) -> (Decision, Reason) {
    let Sentences { protection, decided } = sentences;
    if let Some(cause) = decided.delete_cause(node) {
        let rule = cause.rule.map(Rule::name);
        let message = sentences.deleted(node, cause);
        return (Decision::Delete, Reason { code: ReasonCode::Delete(cause.code), rule, message });
    }
    let lost: Vec<u32> = decided.keep_set.lost_tags(node).collect();
    if lost.is_empty() {
        return (Decision::Keep, kept(sentences, node));
    }
    let mut named: Vec<(TagName, u32)> = protection
        .roles
        .named(protection.graph, node)
        .filter(|(tag, ..)| lost.contains(tag))
        .map(|(tag, name, _)| (name.clone(), tag))
        .collect();
    named.sort();
    let rules = named.iter().filter_map(|(_, tag)| decided.expired_by(protection.roles, *tag));
    let reason = Reason {
        code: ReasonCode::Keep(KeepCode::DigestSharedWithKept),
        rule: rules.min().map(Rule::name),
        message: sentences.untag(node, &named),
    };
    (Decision::Untag(named.into_iter().map(|(name, _)| name).collect()), reason)
}

fn kept(sentences: &Sentences<'_, '_>, node: Node) -> Reason {
    let Some(cause) = sentences.decided.keep_set.cause(node) else {
        // Every manifest has a cause; one without is kept.
        let message = "there is no reason to delete it".to_owned();
        return Reason { code: ReasonCode::Keep(KeepCode::NoRule), rule: None, message };
    };
    Reason {
        code: ReasonCode::Keep(cause.code),
        rule: cause.rule.map(Rule::name),
        message: sentences.kept(node, cause),
    }
}

fn coverage(graph: &Graph<'_>, index: usize) -> RepositoryCoverage {
    let contents: &RepositoryContents = &graph.repositories()[index];
    let unread = |node: Node| graph.state(node) == ManifestState::Unread;
    let unread = match &contents.coverage {
        ContentsCoverage::Complete => {
            graph.nodes_of(index).find(|node| unread(*node)).map(|node| Unread {
                cause: UnreadCause::Unreachable,
                message: format!("{} could not be read", graph.record(node).digest.short()),
                hint: None,
            })
        }
        partial => partial.unread().cloned(),
    };
    RepositoryCoverage { repository: contents.repository.clone(), unread }
}

fn summary(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    index: usize,
) -> EnvironmentSummary {
    let roles = protection.roles;
    let environment = &roles.environments[index];
    let CurrentAndFloor { current, floor } = &protection.floors[index];
    let shas = |releases: &[ReleaseId]| -> Vec<Sha> {
        releases.iter().map(|release| roles.sha(*release).clone()).collect()
    };
    let is_kept = |release: &ReleaseId| decided.keep_set.keeps_release(*release);
    let (kept, deleted): (Vec<ReleaseId>, Vec<ReleaseId>) = environment.ids().partition(is_kept);
    let mut current = shas(current);
    current.sort();
    EnvironmentSummary {
        environment: environment.environment.name.clone(),
        current,
        floor: shas(floor),
        kept: kept.len(),
        deleted: deleted.len(),
        complete: is_read_completely(protection.graph, environment)
            .then(|| complete_count(environment)),
    }
}
