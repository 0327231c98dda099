//! The images: which repositories hold the same image, and its name.

use std::collections::{BTreeMap, BTreeSet};

use super::place::sorted;
use super::sighting::Sighting;
use super::{DraftNote, DraftRegistry};
use crate::model::{ImageName, RegistryName, RepositoryPath};

/// An image of a draft.
#[derive(Debug, Clone)]
pub struct DraftImage {
    /// Its name.
    pub name: ImageName,
    /// Its repository in each registry, below the registry's namespace.
    pub repositories: BTreeMap<RegistryName, RepositoryPath>,
    /// Where it was seen.
    pub places: Vec<String>,
}

impl DraftImage {
    pub(super) fn left_out(&self) -> DraftNote {
        let place = self.places.first().cloned().unwrap_or_default();
        DraftNote::new(place, format!("image `{}` would not be valid in a policy", self.name))
    }
}

/// A sighting with the names of its registry and its image.
pub(super) struct Named<'a> {
    pub(super) registry: RegistryName,
    pub(super) image: ImageName,
    pub(super) sighting: &'a Sighting,
}

/// The sightings with names. Repositories of two registries hold the same image if the last parts of
/// their paths are equal; where that is not unique, whole paths count.
pub(super) fn named<'a>(sightings: &'a [Sighting], registries: &[DraftRegistry]) -> Vec<Named<'a>> {
    let located: Vec<(&RegistryName, &Sighting)> = sightings
        .iter()
        .filter_map(|sighting| {
            let registry = registries.iter().find(|one| one.address == sighting.registry)?;
            Some((&registry.name, sighting))
        })
        .collect();
    let ambiguous = ambiguous(&located);
    let mut taken: BTreeMap<(&RegistryName, ImageName), &RepositoryPath> = BTreeMap::new();
    let names = located.into_iter().filter_map(|(registry, sighting)| {
        let last = last(&sighting.path);
        let whole = sighting.path.as_str().replace('/', "-");
        let name = if ambiguous.contains(last) { &whole } else { last };
        let image = candidates(name).find(|image| {
            let owner = taken.entry((registry, image.clone())).or_insert(&sighting.path);
            **owner == sighting.path
        })?;
        Some(Named { registry: registry.clone(), image, sighting })
    });
    names.collect()
}

fn last(path: &RepositoryPath) -> &str {
    path.as_str().rsplit('/').next().unwrap_or_default()
}

/// The last parts of paths that several repositories of one registry have.
fn ambiguous<'a>(located: &[(&RegistryName, &'a Sighting)]) -> BTreeSet<&'a str> {
    let mut paths: BTreeMap<(&RegistryName, &str), BTreeSet<&RepositoryPath>> = BTreeMap::new();
    for (registry, sighting) in located {
        paths.entry((registry, last(&sighting.path))).or_default().insert(&sighting.path);
    }
    paths.into_iter().filter(|(_, paths)| paths.len() > 1).map(|((_, last), _)| last).collect()
}

/// Names for an image, the best first; the end of one that is too long.
fn candidates(name: &str) -> impl Iterator<Item = ImageName> + '_ {
    const LONGEST: usize = 60;
    let start = name.len().saturating_sub(LONGEST);
    let cut = name.get(start..).unwrap_or_default().trim_start_matches(['-', '.', '_']);
    let numbered = (2..1000).map(move |number| format!("{cut}-{number}"));
    std::iter::once(cut.to_owned()).chain(numbered).filter_map(|name| ImageName::parse(&name).ok())
}

/// The images, by name.
pub(super) fn images(named: &[Named<'_>]) -> Vec<DraftImage> {
    let mut images: BTreeMap<&ImageName, Vec<&Named<'_>>> = BTreeMap::new();
    for one in named {
        images.entry(&one.image).or_default().push(one);
    }
    let image = |(name, seen): (&ImageName, Vec<&Named<'_>>)| DraftImage {
        name: name.clone(),
        repositories: seen
            .iter()
            .map(|one| (one.registry.clone(), one.sighting.path.clone()))
            .collect(),
        places: sorted(seen.iter().map(|one| &one.sighting.place)),
    };
    images.into_iter().map(image).collect()
}
