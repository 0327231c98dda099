//! `[image.<name>]`: the images, and which repository belongs to which image.
//!
//! A repository belongs to one image: if two shared it, their tags could not be distinguished.

use std::collections::BTreeMap;

use toml::Spanned;

use super::registry::repository;
use super::value::{parsed, platforms, refer, refuse_duplicates};
use crate::model::{ImageName, Platform, RegistryName, Repository, RepositoryPath};
use crate::policy::Span;
use crate::policy::problem::Problems;
use crate::policy::raw::{RawImage, RawPolicy};
use crate::policy::read::{Field, Map};
use crate::policy::settings::RegistrySettings;

/// A valid image.
pub(super) struct Image {
    /// Platforms that must be in its index.
    pub(super) platforms: Vec<Platform>,
    /// Its repository in each registry.
    pub(super) repositories: BTreeMap<RegistryName, Repository>,
}

/// The valid images.
pub(super) fn images(
    raw: &RawPolicy,
    registries: &BTreeMap<RegistryName, RegistrySettings>,
    owners: &mut RepositoryOwners,
    problems: &mut Problems,
) -> BTreeMap<ImageName, Image> {
    let known: Vec<&str> = raw.registry.names().collect();
    let mut images = BTreeMap::new();
    for (key, value) in raw.image.entries() {
        let name = parsed(key, ImageName::parse, problems);
        let Some(table) = value.map(Spanned::get_ref) else { continue };
        let platforms = platforms(&table.platforms, problems);
        refuse_duplicates(&table.platforms, problems);
        check_presence(table, key, problems);
        let mut repositories = BTreeMap::new();
        for (registry, path) in table.repositories.entries() {
            let _ = refer("registry", registry, &known, problems);
            let sound = registries.values().find(|sound| sound.name.as_str() == registry.get_ref());
            let found = path.and_then(|path| Some((path, repository(sound, path, problems)?)));
            let (Some(name), Some((path, repository))) = (&name, found) else { continue };
            owners.add(name, &repository, path.span());
            repositories.insert(repository.registry.clone(), repository);
        }
        images.extend(name.map(|name| (name, Image { platforms, repositories })));
    }
    images
}

fn check_presence(table: &RawImage, key: &Spanned<String>, problems: &mut Problems) {
    let repositories: &Field<Map<String>> = &table.repositories;
    let empty = repositories
        .required("repositories", key, problems)
        .filter(|map| map.get_ref().0.is_empty());
    if let Some(map) = empty {
        let message = format!("image `{}` is in no registry", key.get_ref());
        problems.add_with_help(map.span(), message, "give it at least one repository");
    }
}

/// The repositories of all images, with their positions in the file.
#[derive(Default)]
pub(super) struct RepositoryOwners(Vec<(Span, ImageName, Repository)>);

impl RepositoryOwners {
    /// Adds a repository of an image.
    pub(super) fn add(&mut self, image: &ImageName, repository: &Repository, span: Span) {
        self.0.push((span, image.clone(), repository.clone()));
    }

    /// Whether an image has this repository.
    pub(super) fn has(&self, repository: &Repository) -> bool {
        let Repository { host, path, .. } = repository;
        self.0.iter().any(|(_, _, known)| known.host == *host && known.path == *path)
    }

    /// Gives every repository to its image; a second owner, in the order of the file, is a
    /// problem, and so is the same repository under the names of two registries.
    pub(super) fn into_repositories(
        mut self,
        problems: &mut Problems,
    ) -> BTreeMap<Repository, ImageName> {
        self.0.sort_by_key(|(span, ..)| span.start);
        let mut owners = BTreeMap::<(String, RepositoryPath), (ImageName, RegistryName)>::new();
        let mut repositories = BTreeMap::new();
        for (span, image, repository) in self.0 {
            let address = (repository.host.clone(), repository.path.clone());
            let claim = (image, repository.registry.clone());
            let owner = owners.entry(address).or_insert_with(|| claim.clone());
            if owner.0 != claim.0 {
                let message = format!("`{repository}` is already a repository of `{}`", owner.0);
                let help = "one repository holds one image; give each its own";
                problems.add_with_help(span, message, help);
            } else if owner.1 != claim.1 {
                let message = format!("`{repository}` is already listed as registry `{}`", owner.1);
                problems.add_with_help(span, message, "name each repository once");
            } else {
                repositories.insert(repository, claim.0);
            }
        }
        repositories
    }
}
