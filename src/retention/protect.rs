//! The direct reasons to keep a manifest: it was not read, a latest tag points to it, it belongs to a kept
//! release, it is in use, the policy protects it, it is young, or no rule covers it. What follows
//! from them is in `keep_set`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::age::Age;
use super::floor::{CurrentAndFloor, FloorInput, current_and_floor};
use super::graph::{Graph, ManifestState, Node, index, number};
use super::in_use::InUseReference;
use super::keep_set::{CauseOrigin, KeepCause, KeepSet, Rule};
use super::reason::KeepCode;
use super::recorded::Recorded;
use super::release_age::ReleaseAges;
use super::role::{ReleaseId, Role};
use super::roles::{EnvironmentReleases, Roles};
use super::rule::{ReleaseRules, TagRules, Verdict, is_within, matches};
use crate::model::{
    ContentsCoverage, FirstSeen, PushTimes, ReleaseOrder, ReleaseRecord, RepositoryContents,
    TagKind, TagName,
};
use crate::policy::{Policy, RetentionScope};

/// The data from which the reasons are found.
pub(super) struct Protection<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    pub(super) policy: &'a Policy,
    pub(super) in_use: &'a [InUseReference],
    pub(super) now: DateTime<Utc>,
    pub(super) ages: ReleaseAges<'a>,
    /// The current release and the floor, by environment.
    pub(super) floors: Vec<CurrentAndFloor>,
    pub(super) first_seen: &'a FirstSeen,
    pub(super) recorded: Recorded<'a>,
    /// The manifests in use, each with the index of its reference.
    running: Vec<(Node, u32)>,
}

/// The input of [`Protection`].
#[derive(Clone, Copy)]
pub(super) struct ProtectInput<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    pub(super) policy: &'a Policy,
    pub(super) in_use: &'a [InUseReference],
    pub(super) first_seen: &'a FirstSeen,
    pub(super) records: &'a [ReleaseRecord],
    pub(super) now: DateTime<Utc>,
}

impl<'a> Protection<'a> {
    pub(super) fn new(input: ProtectInput<'a>) -> Self {
        let ProtectInput { graph, roles, policy, in_use, first_seen, records, now } = input;
        let recorded = Recorded { graph, roles, records };
        let ages = ReleaseAges::new(roles);
        let running = running(graph, in_use);
        let nodes: BTreeSet<Node> = running.iter().map(|(node, _)| *node).collect();
        let depth = usize::try_from(policy.protect.rollback_depth).unwrap_or(usize::MAX);
        let of = FloorInput { graph, roles, in_use: &nodes, depth, recorded };
        let floors =
            (0..roles.environments.len()).map(|place| current_and_floor(of, place)).collect();
        Self { graph, roles, policy, in_use, now, ages, floors, first_seen, recorded, running }
    }

    /// Whether a reference in use, by its index in the list, was found.
    pub(super) fn is_found(&self, reference: usize) -> bool {
        self.running.iter().any(|(_, place)| index(*place) == reference)
    }

    /// Keeps everything with a direct reason; returns the verdicts of the rules on releases, and on
    /// other tags.
    pub(super) fn apply(&self, keep_set: &mut KeepSet<'_>) -> (Vec<Verdict>, Vec<Verdict>) {
        for (place, repository) in self.graph.repositories().iter().enumerate() {
            self.coverage(keep_set, place, repository);
        }
        for (node, reference) in &self.running {
            let cause = KeepCause::new(KeepCode::InUse, CauseOrigin::Reference(*reference));
            keep_set.keep(*node, cause);
        }
        let (releases, tags) = self.verdicts();
        for environment in 0..self.roles.environments.len() {
            self.releases(keep_set, environment, &releases);
        }
        for node in self.graph.nodes() {
            self.manifest(keep_set, node);
            self.tags(keep_set, node, &tags);
        }
        (releases, tags)
    }

    /// Keeps everything in a repository that was not read completely. Where even its tags are not
    /// known, any release may have a copy there, and is kept.
    fn coverage(&self, keep_set: &mut KeepSet<'_>, place: usize, repository: &RepositoryContents) {
        let nodes = || self.graph.nodes_of(place);
        let has = |state: ManifestState| nodes().find(|node| self.graph.state(*node) == state);
        let partial = repository.coverage != ContentsCoverage::Complete
            || has(ManifestState::Unread).is_some();
        let first_opaque = has(ManifestState::NotJson);
        for node in nodes() {
            if self.graph.state(node) != ManifestState::Certain {
                keep_set.keep(node, KeepCause::new(KeepCode::Unreadable, CauseOrigin::Itself));
            } else if partial {
                keep_set.keep(node, KeepCause::new(KeepCode::PartialCoverage, CauseOrigin::Itself));
            } else if let Some(other) = first_opaque
                && self.roles.tags_of(node).is_empty()
            {
                // What is not JSON may be an index in another format; its children have no tags.
                keep_set.keep(node, KeepCause::new(KeepCode::Unreadable, CauseOrigin::Node(other)));
            }
        }
        if matches!(repository.coverage, ContentsCoverage::Unlisted(_)) {
            self.keep_releases_in(keep_set, place);
        }
    }

    /// Keeps every release of the environments that use a repository, by its index.
    fn keep_releases_in(&self, keep_set: &mut KeepSet<'_>, repository: usize) {
        let origin = CauseOrigin::Repository(number(repository));
        for environment in &self.roles.environments {
            if environment.repositories.contains(&Some(repository)) {
                for release in environment.ids() {
                    keep_set.keep_release(release, KeepCause::new(KeepCode::KeptElsewhere, origin));
                }
            }
        }
    }

    fn verdicts(&self) -> (Vec<Verdict>, Vec<Verdict>) {
        let mut releases = vec![Verdict::NoRule; self.roles.release_count()];
        let rules = ReleaseRules { policy: self.policy, ages: &self.ages, now: self.now };
        for environment in &self.roles.environments {
            rules.apply(environment, &mut releases);
        }
        let mut tags = vec![Verdict::NoRule; self.roles.tag_count()];
        let rules =
            TagRules { policy: self.policy, graph: self.graph, roles: self.roles, now: self.now };
        for repository in 0..self.graph.repositories().len() {
            rules.apply(repository, &mut tags);
        }
        (releases, tags)
    }

    /// Keeps releases of an environment, by its index, and the tags that match several of them.
    fn releases(&self, keep_set: &mut KeepSet<'_>, place: usize, verdicts: &[Verdict]) {
        let environment = &self.roles.environments[place];
        for release in environment.ids() {
            self.release(keep_set, (place, release), verdicts[index(release)]);
            if environment.repositories.contains(&None) {
                let cause = KeepCause::new(KeepCode::KeptElsewhere, CauseOrigin::Release(release));
                keep_set.keep_release(release, cause);
            }
        }
        for tag in environment.ambiguous_tags() {
            self.ambiguous(keep_set, environment, tag);
        }
    }

    /// Keeps a tag that matches several releases, its manifest, and each of these releases: the tag
    /// may belong to any of them.
    fn ambiguous(&self, keep_set: &mut KeepSet<'_>, of: &EnvironmentReleases<'_>, tag: u32) {
        let node = self.roles.node_of(tag);
        keep_set.keep(node, KeepCause::new(KeepCode::Unreadable, CauseOrigin::Tag(tag)));
        let cause = KeepCause::new(KeepCode::KeptElsewhere, CauseOrigin::Node(node));
        for release in self.matching_releases(of, tag) {
            keep_set.keep_release(release, cause);
        }
    }

    /// The releases of an environment that a tag may belong to.
    pub(super) fn matching_releases<'e>(
        &self,
        environment: &'e EnvironmentReleases<'_>,
        tag: u32,
    ) -> impl Iterator<Item = ReleaseId> + use<'e> {
        let mut named = self.roles.named(self.graph, self.roles.node_of(tag));
        let name = named.find(|(known, ..)| *known == tag).map(|(_, name, _)| name);
        let sha = name.and_then(|name| match environment.environment.scheme.classify(name) {
            TagKind::Sha(sha) => Some(sha),
            TagKind::Latest | TagKind::Accessory | TagKind::Foreign => None,
        });
        let model = &environment.model;
        let matches = move |release: &ReleaseId| {
            sha.as_ref().is_some_and(|sha| sha.is_prefix_of(model.sha(release - environment.first)))
        };
        environment.ids().filter(matches)
    }

    fn release(
        &self,
        keep_set: &mut KeepSet<'_>,
        (environment, release): (usize, ReleaseId),
        verdict: Verdict,
    ) {
        let origin = CauseOrigin::Release(release);
        let CurrentAndFloor { current, floor } = &self.floors[environment];
        let codes = [(current, KeepCode::CurrentRelease), (floor, KeepCode::RollbackFloor)];
        for (_, code) in codes.into_iter().filter(|(releases, _)| releases.contains(&release)) {
            for node in self.recorded.others(release) {
                keep_set.keep(node, KeepCause::new(code, origin));
            }
        }
        let mut keep = |code, rule: Option<Rule>| {
            keep_set.keep_release(release, KeepCause { code, rule, origin });
        };
        if current.contains(&release) {
            keep(KeepCode::CurrentRelease, None);
        }
        if floor.contains(&release) {
            keep(KeepCode::RollbackFloor, None);
        }
        if self.policy.protect.shas.iter().any(|sha| sha.agrees_with(self.roles.sha(release))) {
            keep(KeepCode::ProtectedSha, None);
        }
        match self.ages.of(release) {
            Age::Since(since) if self.is_young(since) => keep(KeepCode::TooYoung, None),
            Age::Since(_) => {}
            Age::Unknown | Age::Implausible(_) => keep(KeepCode::TimeUnknown, None),
        }
        match verdict {
            Verdict::Kept(place) => keep(KeepCode::KeptByRule, Some(Rule::Retention(place))),
            Verdict::TimeUnknown(_) => keep(KeepCode::TimeUnknown, None),
            Verdict::NoRule => keep(KeepCode::NoRule, None),
            Verdict::Expired(_) => {}
        }
    }

    pub(super) fn is_young(&self, since: DateTime<Utc>) -> bool {
        let min_age = self.policy.protect.min_age;
        !min_age.is_zero() && is_within(since, min_age, self.now)
    }

    /// Keeps a manifest that is young, has an implausible time, or is unreferenced and not expired.
    fn manifest(&self, keep_set: &mut KeepSet<'_>, node: Node) {
        let origin = CauseOrigin::Itself;
        match self.age(node) {
            Age::Since(since) if self.is_young(since) => {
                keep_set.keep(node, KeepCause::new(KeepCode::TooYoung, origin));
            }
            Age::Implausible(_) => {
                keep_set.keep(node, KeepCause::new(KeepCode::TimeUnknown, origin));
            }
            Age::Since(_) | Age::Unknown => {}
        }
        if self.is_newly_seen(node) {
            keep_set.keep(node, KeepCause::new(KeepCode::TooYoung, origin));
        }
        if self.is_unreferenced(node)
            && let Some(cause) = self.unreferenced_keep_cause(node)
        {
            keep_set.keep(node, cause);
        }
    }

    /// Whether a copy of a release has only the time of a digest that other releases share.
    pub(super) fn is_undated(&self, release: ReleaseId) -> bool {
        self.roles.copies(release).any(|copy| copy.is_undated)
    }

    /// Whether `min-age` counts from the first time that this machine saw a manifest: where its
    /// registry reports no push times, unless all environments that use the repository order their
    /// releases by build times.
    pub(super) fn counts_from_first_sight(&self, node: Node) -> bool {
        let repository = self.graph.repository(node);
        if repository.push_times != PushTimes::Unknown || self.policy.protect.min_age.is_zero() {
            return false;
        }
        let environments = self.policy.environments.values();
        let mut using = environments.filter(|one| one.uses(&repository.repository)).peekable();
        using.peek().is_none() || !using.all(|environment| environment.order == ReleaseOrder::Built)
    }

    /// When this machine first saw a manifest, if that is recorded.
    pub(super) fn first_seen(&self, node: Node) -> Option<DateTime<Utc>> {
        let repository = &self.graph.repository(node).repository;
        self.first_seen.get(repository, &self.graph.record(node).digest)
    }

    /// Whether a tagged manifest without a push time was first seen less than `min-age` ago.
    fn is_newly_seen(&self, node: Node) -> bool {
        let mut tags = self.roles.tags_of(node);
        tags.any(|tag| self.roles.role_of(tag) != Role::Accessory)
            && self.counts_from_first_sight(node)
            && self.first_seen(node).is_none_or(|since| self.is_young(since))
    }

    pub(super) fn age(&self, node: Node) -> Age {
        self.roles.age_of(node)
    }

    /// When a manifest was pushed or built, if that is known.
    pub(super) fn since(&self, node: Node) -> Option<DateTime<Utc>> {
        self.age(node).since()
    }

    /// Whether a rule names this tag in full; a glob that matches it is not enough.
    fn is_named_by_rule(&self, tag: &TagName) -> bool {
        self.policy.retention.iter().any(|rule| match &rule.scope {
            RetentionScope::Tags(globs) => {
                globs.iter().any(|glob| glob.glob().glob() == tag.as_str())
            }
            RetentionScope::Environments(_) => false,
        })
    }

    /// Keeps latest tags, protected tags, and other tags that the rules keep.
    fn tags(&self, keep_set: &mut KeepSet<'_>, node: Node, verdicts: &[Verdict]) {
        let mut roles = self.roles.tags_of(node).map(|tag| self.roles.role_of(tag));
        // Names are far apart in memory: none is looked at without need.
        if self.policy.protect.tags.is_empty() && roles.all(|role| matches!(role, Role::Release(_)))
        {
            return;
        }
        for (tag, name, role) in self.roles.named(self.graph, node) {
            let origin = CauseOrigin::Tag(tag);
            let mut keep = |code| keep_set.keep_tag(node, tag, KeepCause::new(code, origin));
            if matches(&self.policy.protect.tags, name) {
                keep(KeepCode::ProtectedTag);
            }
            match role {
                Role::Latest(_) => keep(KeepCode::LatestTag),
                Role::Release(_) | Role::Ambiguous(_) | Role::Accessory => {}
                Role::Other if is_moving(name) && !self.is_named_by_rule(name) => {
                    keep(KeepCode::ProtectedTag);
                }
                Role::Other => match verdicts[index(tag)] {
                    Verdict::Kept(place) => {
                        let cause = KeepCause::new(KeepCode::KeptByRule, origin);
                        keep_set.keep_tag(node, tag, cause.by(Rule::Retention(place)));
                    }
                    Verdict::TimeUnknown(_) => keep(KeepCode::TimeUnknown),
                    Verdict::NoRule => keep(KeepCode::NoRule),
                    Verdict::Expired(_) => {}
                },
            }
        }
    }
}

/// Whether a tag has the name of a moving tag, such as `latest` or `staging-latest`: it may be used
/// for deployments although no environment of the policy has it.
pub(super) fn is_moving(tag: &TagName) -> bool {
    let text = tag.as_str();
    text == "latest" || text.ends_with("-latest")
}

/// The manifests in use, and the indexes that list them.
fn running(graph: &Graph<'_>, in_use: &[InUseReference]) -> Vec<(Node, u32)> {
    let mut running = Vec::new();
    for (place, reference) in in_use.iter().enumerate() {
        // A digest may have been pulled from any of the repositories that have it.
        let everywhere = 0..graph.repositories().len();
        let by_digest =
            everywhere.filter_map(|place| graph.find(place, reference.digest.as_ref()?));
        let repository = graph.find_repository(&reference.repository);
        let has = |node: &Node| {
            graph.record(*node).tags.iter().any(|tag| Some(&tag.name) == reference.tag.as_ref())
        };
        let tagged = reference.tag.as_ref().and(repository);
        let by_tag = tagged.and_then(|place| graph.nodes_of(place).find(has));
        let mut reached: Vec<Node> = by_digest.chain(by_tag).collect();
        let mut next = 0;
        while let Some(node) = reached.get(next).copied() {
            next += 1;
            for parent in graph.parents(node) {
                if !reached.contains(&parent) {
                    reached.push(parent);
                }
            }
        }
        running.extend(reached.into_iter().map(|node| (node, number(place))));
    }
    running
}
