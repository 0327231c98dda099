//! `tags check`: what a policy means, one line for each environment and each rule.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::block::{Block, Note, Page, Text, Tone, Written};
use super::super::{PolicySummary, counted};
use crate::model::{EnvironmentName, ImageName, RegistryName, ReleaseOrder, Repository};
use crate::policy::{Environment, Policy, RegistryKind, Retention, RetentionScope};

/// What a policy means.
pub(super) fn check(summary: &PolicySummary, page: &mut Page<'_>) -> Written {
    let policy = &summary.policy;
    page.put(Block::Heading(format!("{}: valid", summary.name).into()))?;
    let blocks = policy.environments_in_order().into_iter().map(environment);
    page.put_each(blocks)?;
    let mut rules: Vec<Text> = policy.retention.iter().map(rule).collect();
    rules.extend(
        policy.untagged_keep_within.map(|time| {
            Text::from(format!("manifests without a tag: kept for {}", time_text(time)))
        }),
    );
    let title = if rules.is_empty() {
        "cleanup deletes nothing: there are no retention rules"
    } else {
        rules.extend(always(policy));
        rules.push(limits(policy));
        "cleanup deletes what these rules do not keep; what no rule covers is kept"
    };
    page.put(Block::Item(title.into(), vec![Block::List(rules)]))?;
    let remarks = summary.remarks().into_iter();
    let remarks = remarks.map(|remark| Note::new(Tone::Caution, "note", remark.text).block());
    page.put(Block::Tight(remarks.collect()))
}

fn environment(environment: &Environment) -> Block {
    let images: Vec<&str> = environment.images.keys().map(ImageName::as_str).collect();
    let branch = environment.branch.as_deref().map(|name| format!(" (branch {name})"));
    let title = Text::strong(&environment.name).plain(branch.unwrap_or_default());
    let scheme = &environment.scheme;
    let lines = [
        format!("tags: {} and {}", scheme.sha, scheme.latest),
        format!("images: {}", shortened(&images)),
        format!("a release is complete with {}", places(environment)),
        format!("order of releases: {}", environment.order.as_str()),
    ];
    Block::Item(title, vec![Block::List(lines.map(Text::from).into())])
}

/// `2 images, each in docr and ghcr`, or where not every image is in each: `2 images in docr, 1 image in ghcr`.
fn places(environment: &Environment) -> String {
    let mut in_registry: BTreeMap<&RegistryName, usize> = BTreeMap::new();
    for name in environment.images.values().flat_map(|image| image.repositories.keys()) {
        *in_registry.entry(name).or_default() += 1;
    }
    let all = environment.images.len();
    if all == 0 {
        return "all of them".to_owned();
    }
    if in_registry.values().any(|count| *count != all) {
        let each = in_registry
            .iter()
            .map(|(name, count)| format!("{} in {name}", counted(*count, "image")));
        return each.collect::<Vec<_>>().join(", ");
    }
    let names: Vec<&str> = in_registry.keys().map(|name| name.as_str()).collect();
    let each = if all > 1 && names.len() > 1 { ", each" } else { "" };
    format!("{}{each} in {}", counted(all, "image"), names.join(" and "))
}

/// The first names, and how many more there are.
fn shortened(names: &[&str]) -> String {
    const MOST: usize = 8;
    if names.is_empty() {
        return "those that [images] finds".to_owned();
    }
    let more = names.len().saturating_sub(MOST);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn rule(rule: &Retention) -> Text {
    let what = match &rule.scope {
        RetentionScope::Environments(names) => {
            let names: Vec<&str> = names.iter().map(EnvironmentName::as_str).collect();
            format!("releases of {}", names.join(", "))
        }
        RetentionScope::Tags(globs) => {
            let globs: Vec<&str> = globs.iter().map(|glob| glob.glob().glob()).collect();
            format!("tags {}", globs.join(", "))
        }
    };
    let last = rule.keep_last.map(|count| format!("the last {count}"));
    let within = rule.keep_within.map(|time| format!("those of the last {}", time_text(time)));
    let kept: Vec<String> = last.into_iter().chain(within).collect();
    Text::from(format!("{what}: keeps {}", kept.join(" and ")))
}

fn always(policy: &Policy) -> Vec<Text> {
    let protect = &policy.protect;
    let before = protect.rollback_depth;
    let mut kept =
        vec![format!("latest tags, current releases, and {before} complete before each")];
    kept.extend(young(policy));
    if !protect.tags.is_empty() {
        let globs: Vec<&str> = protect.tags.iter().map(|glob| glob.glob().glob()).collect();
        kept.push(format!("tags {}", globs.join(", ")));
    }
    kept.into_iter().map(|what| Text::from(format!("always kept: {what}"))).collect()
}

/// What `min-age` keeps, and from when it counts: a sentence for each beginning that occurs.
fn young(policy: &Policy) -> Vec<String> {
    if policy.protect.min_age.is_zero() {
        return Vec::new();
    }
    let mut registries: BTreeMap<AgeStart, BTreeSet<&str>> = BTreeMap::new();
    for repository in policy.repositories.keys() {
        let name = repository.registry.as_str();
        registries.entry(AgeStart::of(repository, policy)).or_default().insert(name);
    }
    let age = time_text(policy.protect.min_age);
    // What `[images]` finds is not known without asking the registries.
    if registries.is_empty() || policy.patterns.is_some() {
        return vec![format!("everything younger than {age}")];
    }
    let is_alone = registries.len() < 2;
    let sentence = |(start, names): (AgeStart, BTreeSet<&str>)| {
        let names: Vec<&str> = names.into_iter().collect();
        let place = if is_alone { String::new() } else { format!(" in {}", names.join(", ")) };
        format!("everything {} less than {age} ago{place}", start.words())
    };
    registries.into_iter().map(sentence).collect()
}

/// From when `min-age` counts in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AgeStart {
    Push,
    Build,
    FirstSight,
}

impl AgeStart {
    /// A plain registry has no push times; there the build counts if all environments are ordered by it.
    fn of(repository: &Repository, policy: &Policy) -> Self {
        let registry = policy.registries.get(&repository.registry);
        if registry.is_none_or(|one| one.kind != RegistryKind::Oci) {
            return Self::Push;
        }
        let mut using = policy.environments.values().filter(|one| one.uses(repository)).peekable();
        let is_used = using.peek().is_some();
        if is_used && using.all(|one| one.order == ReleaseOrder::Built) {
            Self::Build
        } else {
            Self::FirstSight
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Push => "pushed",
            Self::Build => "built",
            Self::FirstSight => "first seen by this machine",
        }
    }
}

fn limits(policy: &Policy) -> Text {
    let share = policy.limits.max_share * 100.0;
    let most = counted(policy.limits.max_deletions as usize, "manifest");
    Text::from(format!("limits of one run: {most}, {share:.0} % of a repository"))
}

fn time_text(time: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = time.as_secs();
    // Without this 90 days would be `2months 29days …`.
    if seconds > 0 && seconds.is_multiple_of(DAY) {
        return counted(usize::try_from(seconds / DAY).unwrap_or(usize::MAX), "day");
    }
    humantime::format_duration(time).to_string()
}
