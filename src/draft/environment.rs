//! The environments: SHA tags of one pattern, with their images, registries, branch and latest tag.

mod group;
mod name;
mod words;

use std::collections::BTreeSet;

use super::image::{DraftImage, Named};
use super::latest::{DraftLatest, latest_tags};
use super::place::sorted;
use super::sighting::DraftNote;
use crate::lint::survey::Branches;
use crate::model::{EnvironmentName, ImageName, RegistryName, TagPattern};
pub(super) use group::Group;
pub(in crate::draft) use words::label;

/// An environment of a draft.
#[derive(Debug, Clone)]
pub struct DraftEnvironment {
    /// Its name.
    pub name: EnvironmentName,
    /// The branch that is deployed to it.
    pub branch: DraftBranch,
    /// Its SHA tag.
    pub sha_tag: TagPattern,
    /// Its latest tag.
    pub latest: DraftLatest,
    /// Its images, where those are not all.
    pub images: Option<Vec<ImageName>>,
    /// Its registries, where those are not all of its images.
    pub registries: Option<Vec<RegistryName>>,
    /// Where its SHA tags were seen.
    pub places: Vec<String>,
    /// What else is to be known.
    pub comments: Vec<String>,
}

/// The branch whose pushes set an environment's tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftBranch {
    /// This one.
    One(String),
    /// One of these.
    Several(Vec<String>),
    /// Branches that are not named.
    Unnamed,
    /// Nothing is known of it.
    Unknown,
}

impl DraftBranch {
    fn of(branches: &Branches) -> Self {
        let mut named: Vec<String> = branches.named.iter().cloned().collect();
        match (named.len(), branches.others) {
            (1, false) => Self::One(named.remove(0)),
            (0, false) => Self::Unknown,
            (_, true) => Self::Unnamed,
            (_, false) => Self::Several(named),
        }
    }
}

impl DraftEnvironment {
    /// Whether its name is one for production.
    pub(super) fn is_production(&self) -> bool {
        words::rank(self.name.as_str()) == 0
    }

    pub(super) fn left_out(&self, why: Option<&str>) -> DraftNote {
        let place = self.places.first().cloned().unwrap_or_default();
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let what =
            format!("tags `{}` cannot be an environment beside the others{why}", self.sha_tag);
        DraftNote::new(place, what)
    }
}

/// The environments, those like production first. Moving tags without SHA tags become notes.
pub(super) fn environments(
    named: &[Named<'_>],
    images: &[DraftImage],
    notes: &mut Vec<DraftNote>,
) -> Vec<DraftEnvironment> {
    let groups = group::groups(named, notes);
    let latest = latest_tags(&groups, named);
    let titles = name::names(&groups);
    let mut environments: Vec<DraftEnvironment> = groups
        .iter()
        .zip(latest)
        .zip(titles)
        .map(|((group, latest), (name, comment))| {
            let mut environment = environment(group, name, latest, images);
            environment.comments.splice(0..0, comment);
            environment
        })
        .collect();
    note_moving_tags(named, &environments, notes);
    environments.sort_by_cached_key(|one| (words::rank(one.name.as_str()), one.name.clone()));
    environments
}

fn environment(
    group: &Group<'_>,
    name: EnvironmentName,
    latest: DraftLatest,
    images: &[DraftImage],
) -> DraftEnvironment {
    let mut branches = Branches::default();
    for one in &group.members {
        branches.named.extend(one.sighting.branches.named.iter().cloned());
        branches.others |= one.sighting.branches.others;
    }
    let own_images: BTreeSet<&ImageName> = group.members.iter().map(|one| &one.image).collect();
    let own_registries: BTreeSet<&RegistryName> =
        group.members.iter().map(|one| &one.registry).collect();
    let chosen = || images.iter().filter(|image| own_images.contains(&image.name));
    let all_registries: BTreeSet<&RegistryName> =
        chosen().flat_map(|image| image.repositories.keys()).collect();
    let mut comments = Vec::new();
    for image in chosen() {
        for registry in image.repositories.keys().filter(|one| own_registries.contains(one)) {
            let place = (registry.clone(), image.name.clone());
            if !group.places().contains(&place) {
                comments.push(format!(
                    "no `{}` of {} was seen in {registry}; if that is right, `tags verify` will report it as missing",
                    group.pattern, image.name
                ));
            } else if latest.is_seen() && !latest.is_in(&place) {
                comments.push(format!(
                    "no `{}` of {} was seen in {registry}",
                    latest.tag(),
                    image.name
                ));
            }
        }
    }
    let all = own_images.len() == images.len();
    let cloned = |set: BTreeSet<&RegistryName>| set.into_iter().cloned().collect();
    DraftEnvironment {
        name,
        branch: DraftBranch::of(&branches),
        sha_tag: group.pattern.clone(),
        latest,
        images: (!all).then(|| own_images.into_iter().cloned().collect()),
        registries: (own_registries != all_registries).then(|| cloned(own_registries)),
        places: sorted(group.members.iter().map(|one| &one.sighting.place)),
        comments,
    }
}

/// Adds a note for images that have moving tags and no SHA tag.
fn note_moving_tags(
    named: &[Named<'_>],
    environments: &[DraftEnvironment],
    notes: &mut Vec<DraftNote>,
) {
    use super::sighting::SeenTag;
    let has_releases = |image: &ImageName| {
        let mut environments = environments.iter();
        environments.any(|one| one.images.as_ref().is_none_or(|images| images.contains(image)))
    };
    let mut seen = BTreeSet::new();
    for one in named {
        let SeenTag::Moving(tag) = &one.sighting.tag else { continue };
        let is_noted = notes.iter().any(|note| note.place == one.sighting.place);
        if !has_releases(&one.image) && !is_noted && seen.insert((&one.image, tag)) {
            let what = format!(
                "image {} has the tag `{tag}` and no tag that names a commit, so it has no releases; push it as `<environment>-<sha>` as well",
                one.image
            );
            notes.push(DraftNote::new(one.sighting.place.clone(), what));
        }
    }
}
