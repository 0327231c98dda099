//! Scenes drawn by chance: a few manifests a repository, with tags, children, subjects and times
//! of all kinds, and a policy of a few numbers.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;
use tags::model::{ContentsCoverage, References, RepositoryContents, TagAgreement, TagPush};
use tags::policy::Policy;
use tags::retention::InUseReference;

use crate::retention::scene::{Scene, accessory, dated, days_ago, digest, policy, record, unread};
use crate::support::tag;

/// One manifest as drawn; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
struct Drawn {
    number: u64,
    tags: Vec<u8>,
    days: Option<i16>,
    children: Vec<u64>,
    subject: Option<u64>,
    strange: u8,
}

const MANIFESTS: u64 = 14;

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        0..MANIFESTS,
        prop::collection::vec(0u8..44, 0..4),
        prop_oneof![12 => (0i16..200).prop_map(Some), 1 => Just(None), 1 => Just(Some(-30)), 1 => Just(Some(20_000))],
        prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(0..MANIFESTS, 1..4)],
        prop::option::weighted(0.15, 0..MANIFESTS),
        0u8..60,
    )
        .prop_map(|(number, tags, days, children, subject, strange)| Drawn {
            number,
            tags,
            days,
            children,
            subject,
            strange,
        })
}

/// A tag by its number: SHA tags of both environments, latest tags, accessories, others.
fn tag_text(number: u8) -> String {
    match number {
        0..=15 => format!("prod-{:07x}", number % 8),
        16..=27 => format!("dev-{:07x}", number % 6),
        28 | 29 => "prod-latest".to_owned(),
        30 => "dev-latest".to_owned(),
        31..=34 => accessory(u64::from(number - 31) * 3, ""),
        35 | 36 => accessory(u64::from(number - 35) * 2, ".sig"),
        37 => "v1.0".to_owned(),
        38 => "buildcache".to_owned(),
        _ => format!("pr-{number}"),
    }
}

fn fill(repository: &mut RepositoryContents, manifests: &[Drawn]) {
    let mut tags = BTreeSet::new();
    for drawn in manifests {
        if repository.manifests.iter().any(|known| known.digest == digest(drawn.number)) {
            continue;
        }
        let pushed = drawn.days.map(|days| days_ago(i64::from(days)));
        let mut record = record(drawn.number, &[], pushed);
        let fresh = |text: &String| tags.insert(text.clone());
        let names: Vec<String> = drawn.tags.iter().map(|n| tag_text(*n)).filter(fresh).collect();
        record.tags = names.iter().map(|name| TagPush { name: tag(name), pushed: None }).collect();
        let other = |number: &u64| *number != drawn.number;
        record.references = References::Read {
            children: drawn.children.iter().filter(|n| other(n)).map(|n| digest(*n)).collect(),
            subject: drawn.subject.filter(|n| other(n)).map(digest),
        };
        match drawn.strange {
            0 => record.references = References::Unread,
            1 => record.agreement = TagAgreement::Disputed,
            _ => {}
        }
        repository.manifests.push(dated(record, repository.push_times));
    }
}

/// Rules from a few numbers.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    keep_last: u8,
    keep_within: u8,
    tags: u8,
    untagged: u8,
    pub(crate) depth: u8,
    min_age: u8,
    same_digest: bool,
}

impl Rules {
    /// The policy of these numbers. It is read once, and changed for each case.
    pub(crate) fn policy(&self) -> Policy {
        static BASE: OnceLock<Policy> = OnceLock::new();
        let base = BASE.get_or_init(|| {
            let rules = "[[retention]]\nenvironments = [\"prod\", \"dev\"]\nkeep-last = 1\n\
                [[retention]]\ntags = [\"pr-*\"]\nkeep-last = 1\n\
                [protect]\ntags = [\"v*\"]\nshas = [\"0000005\"]\n";
            policy("bad-shas = [\"0000003\"]", rules)
        });
        let mut policy = base.clone();
        let days = |days: u8| Duration::from_hours(24 * u64::from(days));
        policy.retention[0].keep_last = Some(self.keep_last.into());
        policy.retention[0].keep_within = Some(days(self.keep_within + 1));
        policy.retention[1].keep_last = Some(u32::from(self.tags % 3));
        policy.retention[1].keep_within = Some(days(self.tags));
        policy.retention.truncate(if self.tags > 0 { 2 } else { 1 });
        policy.untagged_keep_within = (self.untagged > 0).then(|| days(self.untagged));
        policy.protect.rollback_depth = self.depth.into();
        policy.protect.min_age = Duration::from_hours(self.min_age.into());
        for environment in policy.environments.values_mut() {
            environment.same_digest = self.same_digest;
        }
        policy
    }

    /// The same with less kept by rules.
    pub(crate) fn stricter(&self) -> Self {
        Self {
            keep_last: self.keep_last / 2,
            keep_within: self.keep_within / 2,
            untagged: if self.untagged > 0 { self.untagged.div_ceil(2) } else { 0 },
            ..self.clone()
        }
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    (0u8..5, 0u8..150, 0u8..60, 0u8..40, 0u8..4, 0u8..72, any::<bool>()).prop_map(
        |(keep_last, keep_within, tags, untagged, depth, min_age, same_digest)| Rules {
            keep_last,
            keep_within,
            tags,
            untagged,
            depth,
            min_age,
            same_digest,
        },
    )
}

pub(crate) fn scene() -> impl Strategy<Value = (Rules, Scene)> {
    let manifests = prop::collection::vec(prop::collection::vec(drawn(), 0..12), 5);
    (rules(), manifests, 0u8..40, prop::option::weighted(0.2, (0usize..5, 0..MANIFESTS))).prop_map(
        |(rules, manifests, reach, in_use)| {
            let mut scene = Scene::new(rules.policy());
            let repositories = &mut scene.contents.repositories;
            for (repository, drawn) in repositories.iter_mut().zip(&manifests) {
                fill(repository, drawn);
            }
            match reach {
                0..=4 => {
                    repositories[usize::from(reach)].coverage =
                        ContentsCoverage::Unlisted(unread("cut"));
                }
                5..=9 => {
                    repositories[usize::from(reach - 5)].coverage =
                        ContentsCoverage::ManifestsUnread(unread("one"));
                }
                _ => {}
            }
            if let Some((place, number)) = in_use {
                let repository = repositories[place].repository.clone();
                let digest = Some(digest(number));
                let text = "in use".to_owned();
                scene.in_use.push(InUseReference { text, repository, tag: None, digest });
            }
            (rules, scene)
        },
    )
}
