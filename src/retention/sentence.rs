//! A sentence for each cause, for a tired person who reads a plan.

use super::engine::{Decisions, DeleteCause};
use super::graph::{Node, index};
use super::keep_set::{CauseSubject, KeepCause, Rule};
use super::protect::Protection;
use super::reason::{DeleteCode, KeepCode};
use super::role::{ReleaseId, Role};
use super::rule::matches;
use crate::model::{References, TagAgreement, TagName};
use crate::policy::{Retention, RetentionScope};

/// What sentences are made from.
pub(super) struct Sentences<'a, 'p> {
    pub(super) protection: &'a Protection<'p>,
    pub(super) decided: &'a Decisions<'p>,
}

impl Sentences<'_, '_> {
    /// Why a manifest stays.
    pub(super) fn kept(&self, node: Node, cause: KeepCause) -> String {
        let protect = &self.protection.policy.protect;
        let about = self.about(node, cause.about);
        match cause.code {
            KeepCode::Unreadable => self.unreadable(node, &about, cause.about),
            KeepCode::PartialCoverage => "its repository was not read to its end".to_owned(),
            KeepCode::LatestTag => format!("{about} points to it"),
            KeepCode::CurrentRelease => format!("{about} is the current release"),
            KeepCode::RollbackFloor => {
                format!("a rollback may need {about} (rollback-depth = {})", protect.rollback_depth)
            }
            KeepCode::InUse => format!("{about} is in use"),
            KeepCode::ProtectedSha => format!("protect.shas has {about}"),
            KeepCode::ProtectedTag => self.protected_tag(node, &about, cause.about),
            KeepCode::TooYoung => self.too_young(node),
            KeepCode::TimeUnknown => self.time_unknown(node, cause.about),
            KeepCode::KeptByRule => self.kept_by_rule(&about, cause),
            KeepCode::KeptElsewhere => self.elsewhere(node, cause.about),
            KeepCode::DigestSharedWithKept => {
                "another tag on it is kept, and this registry deletes whole manifests only"
                    .to_owned()
            }
            KeepCode::ChildOfKept => format!("part of {about}, which is kept"),
            KeepCode::ReferrerOfKept => self.referrer(node, cause.about),
            KeepCode::LastTagged => {
                "the registry does not delete the last manifest that has a tag".to_owned()
            }
            KeepCode::NoRule => self.no_rule(node, &about, cause.about),
            KeepCode::NotNow => format!("{about} may go, but not in this run"),
        }
    }

    /// Why a manifest goes.
    pub(super) fn deleted(&self, node: Node, cause: DeleteCause) -> String {
        let about = self.about(node, cause.about);
        match cause.code {
            DeleteCode::Expired => {
                let rule = match (cause.rule, cause.about) {
                    (Some(Rule::Retention(place)), _) => {
                        self.beyond(&self.protection.policy.retention[usize::from(place)])
                    }
                    _ => "expired".to_owned(),
                };
                let more = self.protection.roles.tags_of(node).len().saturating_sub(1);
                match more {
                    0 => format!("{about}: {rule}"),
                    more => format!("{about} and {more} more on it: {rule}"),
                }
            }
            DeleteCode::UntaggedExpired => {
                let within = self.protection.policy.untagged_keep_within.unwrap_or_default();
                format!("no tag, nothing kept needs it, and older than {}", duration(within))
            }
            DeleteCode::ChildOfDeleted => match cause.about {
                CauseSubject::Node(_) => format!("only part of {about}, which goes"),
                _ => "left behind by an earlier run that broke off".to_owned(),
            },
            DeleteCode::ReferrerOfDeleted => match cause.about {
                CauseSubject::Node(_) => format!("about {about}, which goes"),
                _ => "about a manifest that an earlier run deleted".to_owned(),
            },
        }
    }

    /// Why a manifest stays and loses tags.
    pub(super) fn untag(&self, node: Node, lost: &[(TagName, u32)]) -> String {
        let kept = self.decided.keep_set.cause(node).map(|cause| self.kept(node, cause));
        let names: Vec<&str> = lost.iter().take(3).map(|(name, _)| name.as_str()).collect();
        let more = lost.len().saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let kept = kept.unwrap_or_else(|| "another tag on it is kept".to_owned());
        format!("{}{more} expired, and the manifest stays: {kept}", names.join(", "))
    }

    /// What a cause is about, in words.
    fn about(&self, node: Node, about: CauseSubject) -> String {
        let Self { protection, .. } = self;
        match about {
            CauseSubject::Itself => protection.graph.record(node).digest.short(),
            CauseSubject::Tag(tag) => self.tag(node, tag),
            CauseSubject::Release(release) => self.release(release),
            CauseSubject::Node(other) => self.manifest(other),
            CauseSubject::Repository(place) => {
                protection.graph.repositories()[index(place)].repository.to_string()
            }
            CauseSubject::Reference(place) => protection.in_use[index(place)].text.clone(),
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
            Some(time) => format!("this machine saw it first at {}", time.format("%F %R UTC")),
            None => "this machine sees it for the first time".to_owned(),
        };
        format!(
            "{young}: the registry tells no push times, and {seen}; keep the state directory between runs, or set `order = \"built\"`"
        )
    }

    /// Several releases that one tag fits.
    fn fits_several(&self, node: Node, tag: u32, environment: u16) -> String {
        let roles = self.protection.roles;
        let environment = &roles.environments[usize::from(environment)];
        let fitting = self.protection.releases_fitting(environment, tag);
        let shas: Vec<&str> = fitting.take(3).map(|release| roles.sha(release).short()).collect();
        let tag = self.tag(node, tag);
        let name = &environment.environment.name;
        format!(
            "{tag} fits several releases of {name} ({}), so it may be any of them",
            shas.join(", ")
        )
    }

    fn unreadable(&self, node: Node, named: &str, about: CauseSubject) -> String {
        if let CauseSubject::Tag(tag) = about
            && let Role::Ambiguous(environment) = self.protection.roles.role_of(tag)
        {
            return self.fits_several(node, tag, environment);
        }
        let record = self.protection.graph.record(node);
        let why = match (about, record.agreement) {
            (CauseSubject::Node(_), _) => {
                return format!("{named} is not JSON, so it may need this one, which has no tag");
            }
            (_, TagAgreement::Disputed) => {
                "listing and registry disagree about what one of its tags points to"
            }
            (_, TagAgreement::Misdeclared) => "what it is declared to be and what it is contradict",
            (_, TagAgreement::Agreed) if record.references == References::NotJson => {
                "it is not JSON, so what it needs is unknown"
            }
            (_, TagAgreement::Agreed) => "it could not be read, so it may need anything",
        };
        why.to_owned()
    }

    fn time_unknown(&self, node: Node, about: CauseSubject) -> String {
        let of = match about {
            CauseSubject::Itself => "it".to_owned(),
            CauseSubject::Release(release) if self.protection.is_undated(release) => {
                let release = self.release(release);
                return format!(
                    "its digest has the tags of several releases and only the digest is dated, so nothing tells when {release} was pushed"
                );
            }
            about => self.about(node, about),
        };
        format!("nothing that can be believed tells how old {of} is")
    }

    fn kept_by_rule(&self, about: &str, cause: KeepCause) -> String {
        let policy = self.protection.policy;
        if let Some(Rule::Retention(place)) = cause.rule {
            return format!("{about}: {}", within(&policy.retention[usize::from(place)]));
        }
        let within = policy.untagged_keep_within.unwrap_or_default();
        format!("no tag, and not older than {}", duration(within))
    }

    fn elsewhere(&self, node: Node, about: CauseSubject) -> String {
        match about {
            CauseSubject::Node(other) => {
                let repository = &self.protection.graph.repository(other).repository;
                let own = &self.protection.graph.repository(node).repository;
                let place =
                    if repository == own { self.manifest(other) } else { repository.to_string() };
                format!("its release is kept in {place}")
            }
            about => format!("its release may have a copy in {}", self.about(node, about)),
        }
    }

    fn referrer(&self, node: Node, about: CauseSubject) -> String {
        let graph = self.protection.graph;
        match about {
            CauseSubject::Node(other) if graph.subjects(other).any(|subject| subject == node) => {
                format!("{}, which is kept, is about it", self.manifest(other))
            }
            about => format!("about {}, which is kept", self.about(node, about)),
        }
    }

    fn protected_tag(&self, node: Node, named: &str, about: CauseSubject) -> String {
        let mut tags = self.protection.roles.named(self.protection.graph, node);
        let by_policy = tags
            .find(|(tag, ..)| about == CauseSubject::Tag(*tag))
            .is_none_or(|(_, name, _)| matches(&self.protection.policy.protect.tags, name));
        if by_policy {
            return format!("protect.tags has {named}");
        }
        format!("{named} moves by its name; only a rule that names it in full lets it go")
    }

    fn no_rule(&self, node: Node, named: &str, about: CauseSubject) -> String {
        let record = self.protection.graph.record(node);
        match about {
            CauseSubject::Itself if record.tags.is_empty() => {
                "no tag, and no rule speaks of manifests without one".to_owned()
            }
            CauseSubject::Itself => {
                "what it is about is not here, and no rule speaks of that".to_owned()
            }
            _ => format!("no rule speaks of {named}"),
        }
    }

    fn beyond(&self, rule: &Retention) -> String {
        let all = self.protection.policy.retention.iter().filter(|other| same_scope(rule, other));
        let several = all.count() > 1;
        let mut said = Vec::new();
        if let Some(count) = rule.keep_last.filter(|count| *count > 0) {
            said.push(format!("not among the last {count}"));
        }
        if let Some(within) = rule.keep_within {
            said.push(format!("older than {}", duration(within)));
        }
        let more = if several { ", and no other rule keeps it" } else { "" };
        format!("{}{more}", said.join(" and "))
    }
}

/// Whether two rules speak of an environment both.
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

/// A duration as people write it: `90days` is `90d`.
pub(super) fn duration(duration: std::time::Duration) -> String {
    let days = duration.as_secs() / 86_400;
    if days > 0 && duration.as_secs().is_multiple_of(86_400) {
        return format!("{days}d");
    }
    humantime::format_duration(duration).to_string()
}
