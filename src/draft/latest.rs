//! The latest tag of each environment, as far as it was seen beside its SHA tags.

use std::collections::BTreeSet;

use super::environment::Group;
use super::image::Named;
use super::sighting::SeenTag;
use crate::model::{ImageName, RegistryName, TagName};

/// The latest tag of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftLatest {
    /// It was seen, in these repositories.
    Seen(TagName, BTreeSet<(RegistryName, ImageName)>),
    /// None was seen; a policy needs a name for it all the same. The second tag was seen, but pushes for
    /// another environment move it too.
    NotSeen(TagName, Option<TagName>),
}

impl DraftLatest {
    /// Its name.
    #[must_use]
    pub fn tag(&self) -> &TagName {
        match self {
            Self::Seen(tag, _) | Self::NotSeen(tag, _) => tag,
        }
    }

    /// Whether it was seen.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        matches!(self, Self::Seen(..))
    }

    pub(super) fn is_in(&self, place: &(RegistryName, ImageName)) -> bool {
        matches!(self, Self::Seen(_, places) if places.contains(place))
    }
}

/// How a moving tag belongs to an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// It is the SHA tag with `latest` in place of the commit.
    SamePattern,
    /// It has the environment's name.
    SameName,
    /// It is pushed together with the SHA tags.
    PushedTogether,
}

/// The latest tag of each group. A tag that two environments would share in one repository belongs
/// to neither, unless its name decides it.
pub(super) fn latest_tags(groups: &[Group<'_>], named: &[Named<'_>]) -> Vec<DraftLatest> {
    let by_name: Vec<Option<(TagName, Evidence)>> =
        groups.iter().map(|group| by_name(group, named)).collect();
    let taken: BTreeSet<&TagName> = by_name.iter().flatten().map(|(tag, _)| tag).collect();
    let found: Vec<Option<(TagName, Evidence)>> = groups
        .iter()
        .zip(&by_name)
        .map(|(group, found)| found.clone().or_else(|| together(group, named, &taken)))
        .collect();
    let is_shared = |at: usize, tag: &TagName| {
        let places = groups[at].places();
        found.iter().enumerate().any(|(other, found)| {
            other != at
                && found.as_ref().is_some_and(|(found, _)| found == tag)
                && !groups[other].places().is_disjoint(&places)
        })
    };
    groups
        .iter()
        .enumerate()
        .map(|(at, group)| match &found[at] {
            Some((tag, evidence)) if *evidence == Evidence::SamePattern || !is_shared(at, tag) => {
                DraftLatest::Seen(tag.clone(), places_of(tag, group, named))
            }
            found => {
                let shared = found.as_ref().map(|(tag, _)| tag.clone());
                DraftLatest::NotSeen(same_pattern(group), shared)
            }
        })
        .collect()
}

/// The SHA tag with `latest` in place of the commit.
#[expect(clippy::expect_used, reason = "a pattern makes tags of 64 digits, so also of 6 letters")]
fn same_pattern(group: &Group<'_>) -> TagName {
    let text = group.pattern.to_string().replace("{sha}", "latest");
    TagName::parse(&text).expect("a tag")
}

fn moving<'a>(one: &Named<'a>) -> Option<&'a TagName> {
    match &one.sighting.tag {
        SeenTag::Moving(tag) => Some(tag),
        SeenTag::Commit(_) | SeenTag::Other => None,
    }
}

/// The moving tags in the repositories of a group.
fn in_repositories<'a>(group: &Group<'_>, named: &[Named<'a>]) -> BTreeSet<&'a TagName> {
    let places = group.places();
    let is_in = |one: &&Named<'_>| places.contains(&(one.registry.clone(), one.image.clone()));
    named.iter().filter(is_in).filter_map(moving).collect()
}

fn by_name(group: &Group<'_>, named: &[Named<'_>]) -> Option<(TagName, Evidence)> {
    let tags = in_repositories(group, named);
    let same = same_pattern(group);
    // A pattern that names no environment says nothing of `latest`, which any environment may move.
    if tags.contains(&same) && (group.label.is_some() || same.as_str() != "latest") {
        return Some((same, Evidence::SamePattern));
    }
    let label = group.label.as_deref()?;
    let words = |text: &str| -> BTreeSet<String> {
        text.split(['-', '_', '.']).map(str::to_ascii_lowercase).collect()
    };
    let mut wanted = words(label);
    let exact = tags.iter().find(|tag| tag.as_str() == label);
    wanted.insert("latest".to_owned());
    let found = exact.or_else(|| tags.iter().find(|tag| words(tag.as_str()) == wanted))?;
    Some(((*found).clone(), Evidence::SameName))
}

/// The moving tag that is pushed together with the SHA tags of a group, if it can be told which.
fn together(
    group: &Group<'_>,
    named: &[Named<'_>],
    taken: &BTreeSet<&TagName>,
) -> Option<(TagName, Evidence)> {
    let sets: BTreeSet<(usize, &RegistryName, &ImageName)> =
        group.members.iter().map(|one| (one.sighting.set, &one.registry, &one.image)).collect();
    let is_together =
        |one: &&Named<'_>| sets.contains(&(one.sighting.set, &one.registry, &one.image));
    let tags: BTreeSet<&TagName> = named
        .iter()
        .filter(is_together)
        .filter_map(moving)
        .filter(|tag| !taken.contains(tag))
        .collect();
    let is = |name: &str| tags.iter().find(|tag| tag.as_str() == name);
    let only = || tags.first().filter(|_| tags.len() == 1);
    let found = is("latest").or_else(only).or_else(|| is("main")).or_else(|| is("master"))?;
    Some(((*found).clone(), Evidence::PushedTogether))
}

fn places_of(
    tag: &TagName,
    group: &Group<'_>,
    named: &[Named<'_>],
) -> BTreeSet<(RegistryName, ImageName)> {
    let places = group.places();
    let has = named.iter().filter(|one| moving(one) == Some(tag));
    let has = has.map(|one| (one.registry.clone(), one.image.clone()));
    has.filter(|place| places.contains(place)).collect()
}
