//! The sentence for each cause, as it is shown in a plan.

use super::engine::{Decisions, DeleteCause};
use super::graph::{Node, index};
use super::keep_set::{CauseOrigin, KeepCause, Rule};
use super::protect::Protection;
use super::reason::{DeleteCode, KeepCode};
use super::role::{ReleaseId, Role};
use super::rule::matches;
use crate::model::{References, TagAgreement, TagName};
use crate::policy::{Retention, RetentionScope};

/// The decisions that the sentences explain.
pub(super) struct Sentences<'a, 'p> {
    pub(super) protection: &'a Protection<'p>,
    pub(super) decided: &'a Decisions<'p>,
}

impl Sentences<'_, '_> {
    /// Why a manifest is kept.
    pub(super) fn kept(&self, node: Node, cause: KeepCause) -> String {
        let protect = &self.protection.policy.protect;
        let named = self.describe(node, cause.origin);
        match cause.code {
            KeepCode::Unreadable => self.unreadable(node, &named, cause.origin),
            KeepCode::PartialCoverage => "its repository was not read completely".to_owned(),
            KeepCode::LatestTag => format!("{named} points to it"),
            KeepCode::CurrentRelease => {
                format!("{named} is the current release{}", self.recorded(node, cause.origin))
            }
            KeepCode::RollbackFloor => {
                format!(
                    "{named} may be needed for a rollback (`rollback-depth = {}`){}",
                    protect.rollback_depth,
                    self.recorded(node, cause.origin)
                )
            }
            KeepCode::InUse => format!("{named} is in use"),
            KeepCode::ProtectedSha => format!("protect.shas matches {named}"),
            KeepCode::ProtectedTag => self.protected_tag(node, &named, cause.origin),
            KeepCode::TooYoung => self.too_young(node),
            KeepCode::TimeUnknown => self.time_unknown(node, cause.origin),
            KeepCode::KeptByRule => self.kept_by_rule(&named, cause),
            KeepCode::KeptElsewhere => self.elsewhere(node, cause.origin),
            KeepCode::DigestSharedWithKept => {
                "another tag on it is kept, and this registry can only delete whole manifests"
                    .to_owned()
            }
            KeepCode::ChildOfKept => format!("listed by {named}, which is kept"),
            KeepCode::ReferrerOfKept => self.referrer(node, cause.origin),
            KeepCode::LastTagged => {
                "the registry refuses to delete the last tagged manifest".to_owned()
            }
            KeepCode::NoRule => self.no_rule(node, &named, cause.origin),
            KeepCode::NotNow => format!("{named} can be deleted, but not in this run"),
        }
    }

    /// That a manifest is kept for the record of a release, no SHA tag of which points to it.
    fn recorded(&self, node: Node, origin: CauseOrigin) -> &'static str {
        match origin {
            CauseOrigin::Release(release)
                if self.protection.recorded.others(release).contains(&node) =>
            {
                ", which was recorded with this digest"
            }
            _ => "",
        }
    }

    /// Why a manifest is deleted.
    pub(super) fn deleted(&self, node: Node, cause: DeleteCause) -> String {
        let named = self.describe(node, cause.origin);
        match cause.code {
            DeleteCode::Expired => {
                let rule = match (cause.rule, cause.origin) {
                    (Some(Rule::Retention(place)), _) => {
                        self.beyond(&self.protection.policy.retention[usize::from(place)])
                    }
                    _ => "expired".to_owned(),
                };
                let more = self.protection.roles.tags_of(node).len().saturating_sub(1);
                match more {
                    0 => format!("{named}: {rule}"),
                    1 => format!("{named} and 1 other tag on it: {rule}"),
                    more => format!("{named} and {more} other tags on it: {rule}"),
                }
            }
            DeleteCode::UntaggedExpired => {
                let within = self.protection.policy.untagged_keep_within.unwrap_or_default();
                format!("no tag, nothing kept refers to it, and older than {}", duration(within))
            }
            DeleteCode::ChildOfDeleted => match cause.origin {
                CauseOrigin::Node(_) => {
                    format!("listed by {named}, which is deleted, and by nothing that is kept")
                }
                _ => "left over from an earlier run that was interrupted".to_owned(),
            },
            DeleteCode::ReferrerOfDeleted => match cause.origin {
                CauseOrigin::Node(_) => format!("refers to {named}, which is deleted"),
                _ => "refers to a manifest that an earlier run deleted".to_owned(),
            },
        }
    }

    /// Why a manifest is kept and loses tags.
    pub(super) fn untag(&self, node: Node, lost: &[(TagName, u32)]) -> String {
        let kept = self.decided.keep_set.cause(node).map(|cause| self.kept(node, cause));
        let names: Vec<&str> = lost.iter().take(3).map(|(name, _)| name.as_str()).collect();
        let more = lost.len().saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let kept = kept.unwrap_or_else(|| "another tag on it is kept".to_owned());
        format!("{}{more} expired, and the manifest is kept: {kept}", names.join(", "))
    }

    /// The origin of a cause, in words.
    fn describe(&self, node: Node, origin: CauseOrigin) -> String {
        let Self { protection, .. } = self;
        match origin {
            CauseOrigin::Itself => protection.graph.record(node).digest.short(),
            CauseOrigin::Tag(tag) => self.tag(node, tag),
            CauseOrigin::Release(release) => self.release(release),
            CauseOrigin::Node(other) => self.manifest(other),
            CauseOrigin::Repository(place) => {
                protection.graph.repositories()[index(place)].repository.to_string()
            }
            CauseOrigin::Reference(place) => protection.in_use[index(place)].text.clone(),
        }
    }

    fn tag(&self, node: Node, tag: u32) -> String {
        let mut named = self.protection.roles.named(self.protection.graph, node);
        match named.find(|(known, ..)| *known == tag) {
            Some((_, _, Role::Release(release))) => self.release(release),
            Some((_, name, _)) => name.to_string(),
            None => "a tag".to_owned(),
        }
    }

    fn release(&self, release: ReleaseId) -> String {
        let roles = self.protection.roles;
        let sha = roles.sha(release);
        format!("{} release {}", roles.environment_of(release).name, sha.short())
    }

    /// A manifest by its first tag, else by its digest.
    fn manifest(&self, node: Node) -> String {
        let record = self.protection.graph.record(node);
        let first = record.tags.iter().map(|tag| &tag.name).min();
        first.map_or_else(|| record.digest.short(), ToString::to_string)
    }

    fn too_young(&self, node: Node) -> String {
        let protection = self.protection;
        let young =
            format!("younger than min-age = {}", duration(protection.policy.protect.min_age));
        let by_age = protection.since(node).is_some_and(|since| protection.is_young(since));
        if by_age || !protection.counts_from_first_sight(node) {
            return young;
        }
        let seen = match protection.first_seen(node) {
            Some(time) => format!("this machine first saw it at {}", time.format("%F %R UTC")),
            None => "this machine sees it for the first time".to_owned(),
        };
        format!(
            "{young}: the registry reports no push times, and {seen}; keep the state directory between runs, or set `order = \"built\"`"
        )
    }

    /// Why a tag that matches several releases is kept.
    fn matches_several(&self, node: Node, tag: u32, environment: u16) -> String {
        let roles = self.protection.roles;
        let environment = &roles.environments[usize::from(environment)];
        let matching = self.protection.matching_releases(environment, tag);
        let shas: Vec<String> =
            matching.take(3).map(|release| roles.sha(release).short()).collect();
        let tag = self.tag(node, tag);
        let name = &environment.environment.name;
        format!(
            "{tag} matches several releases of {name} ({}), so it may belong to any of them",
            shas.join(", ")
        )
    }

    fn unreadable(&self, node: Node, named: &str, origin: CauseOrigin) -> String {
        if let CauseOrigin::Tag(tag) = origin
            && let Role::Ambiguous(environment) = self.protection.roles.role_of(tag)
        {
            return self.matches_several(node, tag, environment);
        }
        let record = self.protection.graph.record(node);
        let why = match (origin, record.agreement) {
            (CauseOrigin::Node(_), _) => {
                return format!("{named} is not JSON, so it may refer to this untagged manifest");
            }
            (_, TagAgreement::Disputed) => {
                "the listing and the registry disagree about what one of its tags points to"
            }
            (_, TagAgreement::Misdeclared) => "its content contradicts its declared media type",
            (_, TagAgreement::Agreed) if record.references == References::NotJson => {
                "it is not JSON, so what it refers to is unknown"
            }
            (_, TagAgreement::Agreed) => "it could not be read, so it may refer to anything",
        };
        why.to_owned()
    }

    fn time_unknown(&self, node: Node, origin: CauseOrigin) -> String {
        let of = match origin {
            CauseOrigin::Itself => "it".to_owned(),
            CauseOrigin::Release(release) if self.protection.is_undated(release) => {
                let release = self.release(release);
                return format!(
                    "several releases have tags on this digest and only the digest has a time, so it is unknown when {release} was pushed"
                );
            }
            origin => self.describe(node, origin),
        };
        format!("no plausible time is known for {of}")
    }

    fn kept_by_rule(&self, named: &str, cause: KeepCause) -> String {
        let policy = self.protection.policy;
        if let Some(Rule::Retention(place)) = cause.rule {
            return format!("{named}: {}", within(&policy.retention[usize::from(place)]));
        }
        let within = policy.untagged_keep_within.unwrap_or_default();
        format!("no tag, and not older than {}", duration(within))
    }

    fn elsewhere(&self, node: Node, origin: CauseOrigin) -> String {
        match origin {
            CauseOrigin::Node(other) => {
                let repository = &self.protection.graph.repository(other).repository;
                let own = &self.protection.graph.repository(node).repository;
                let place =
                    if repository == own { self.manifest(other) } else { repository.to_string() };
                format!("its release is kept in {place}")
            }
            CauseOrigin::Repository(_) => {
                let repository = self.describe(node, origin);
                format!("its release may also be in {repository}, which was not read")
            }
            _ => "its release may also be in a repository that was not read".to_owned(),
        }
    }

    fn referrer(&self, node: Node, origin: CauseOrigin) -> String {
        let graph = self.protection.graph;
        match origin {
            CauseOrigin::Node(other) if graph.subjects(other).any(|subject| subject == node) => {
                format!("{}, which is kept, refers to it", self.manifest(other))
            }
            origin => format!("refers to {}, which is kept", self.describe(node, origin)),
        }
    }

    fn protected_tag(&self, node: Node, named: &str, origin: CauseOrigin) -> String {
        let mut tags = self.protection.roles.named(self.protection.graph, node);
        let by_policy = tags
            .find(|(tag, ..)| origin == CauseOrigin::Tag(*tag))
            .is_none_or(|(_, name, _)| matches(&self.protection.policy.protect.tags, name));
        if by_policy {
            return format!("protect.tags matches {named}");
        }
        format!(
            "{named} has the name of a moving tag; only a rule that names it in full deletes it"
        )
    }

    fn no_rule(&self, node: Node, named: &str, origin: CauseOrigin) -> String {
        let record = self.protection.graph.record(node);
        match origin {
            CauseOrigin::Itself if record.tags.is_empty() => {
                "no tag, and no rule covers untagged manifests".to_owned()
            }
            CauseOrigin::Itself => {
                "the manifest that it refers to is not in the registry, and no rule covers it"
                    .to_owned()
            }
            _ => format!("no rule covers {named}"),
        }
    }

    fn beyond(&self, rule: &Retention) -> String {
        let all = self.protection.policy.retention.iter().filter(|other| same_scope(rule, other));
        let several = all.count() > 1;
        let mut parts = Vec::new();
        if let Some(count) = rule.keep_last.filter(|count| *count > 0) {
            parts.push(format!("not among the last {count}"));
        }
        if let Some(within) = rule.keep_within {
            parts.push(format!("older than {}", duration(within)));
        }
        let more = if several { ", and no other rule keeps it" } else { "" };
        format!("{}{more}", parts.join(" and "))
    }
}

/// Whether two rules can apply to the same release or tag.
fn same_scope(a: &Retention, b: &Retention) -> bool {
    match (&a.scope, &b.scope) {
        (RetentionScope::Environments(a), RetentionScope::Environments(b)) => {
            a.iter().any(|name| b.contains(name))
        }
        (RetentionScope::Tags(_), RetentionScope::Tags(_)) => true,
        _ => false,
    }
}

fn within(rule: &Retention) -> String {
    let last = rule.keep_last.filter(|count| *count > 0).map(|n| format!("among the last {n}"));
    let within = rule.keep_within.map(|within| format!("not older than {}", duration(within)));
    [last, within].into_iter().flatten().collect::<Vec<_>>().join(" or ")
}

/// A duration in short form: `90d` instead of `90days`.
pub(super) fn duration(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
        if seconds > 0 && duration.subsec_nanos() == 0 && seconds.is_multiple_of(unit) {
            return format!("{}{name}", seconds / unit);
        }
    }
    humantime::format_duration(duration).to_string()
}
