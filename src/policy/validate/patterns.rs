//! `[images]`: which repositories are images, and the images that were found by it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use toml::Spanned;

use super::image::{Image, RepositoryOwners};
use super::registry::repository;
use super::value::{refer, refuse_duplicates, refuse_empty};
use crate::model::{ImageName, RegistryName, Repository, RepositoryPath};
use crate::policy::patterns::{FoundImages, ImagePatterns, PLACEHOLDER, PathPattern};
use crate::policy::problem::Problems;
use crate::policy::raw::{RawImages, RawPolicy};
use crate::policy::read::{Field, List};
use crate::policy::settings::RegistrySettings;

type Registries = BTreeMap<RegistryName, RegistrySettings>;

/// The patterns, if the file has any.
pub(super) fn patterns(
    raw: &RawPolicy,
    registries: &Registries,
    problems: &mut Problems,
) -> Option<ImagePatterns> {
    let table = raw.images.set()?;
    let key = Spanned::new(table.span(), "images".to_owned());
    let table = table.get_ref();
    let _ = table.matching.required("match", &key, problems);
    refuse_empty("match", &table.matching, problems);
    let matching = names(&table.matching, problems);
    let exclude = names(&table.exclude, problems);
    let paths = paths((table, &key), raw, registries, problems);
    Some(ImagePatterns { matching, exclude, paths, source: Arc::default() })
}

/// Globs over names, which have no `/`.
fn names(field: &Field<List<String>>, problems: &mut Problems) -> Vec<GlobMatcher> {
    refuse_duplicates(field, problems);
    let mut globs = Vec::new();
    for text in field.items() {
        let written = text.get_ref();
        if written.is_empty() {
            problems.add(text.span(), "an empty glob matches no name");
            continue;
        }
        if written.contains('/') {
            let message = format!("`{written}` matches no name of an image");
            let help = "the name is one part of the path, without `/`; what stands around it belongs to `repositories`";
            problems.add_with_help(text.span(), message, help);
            continue;
        }
        match GlobBuilder::new(written).literal_separator(true).build() {
            Ok(glob) => globs.push(glob.compile_matcher()),
            Err(error) => {
                problems.add(text.span(), format!("`{written}` is not a glob: {}", error.kind()));
            }
        }
    }
    globs
}

fn paths(
    (table, key): (&RawImages, &Spanned<String>),
    raw: &RawPolicy,
    registries: &Registries,
    problems: &mut Problems,
) -> BTreeMap<RegistryName, PathPattern> {
    let known: Vec<&str> = raw.registry.names().collect();
    let written = table.repositories.required("repositories", key, problems);
    if let Some(map) = written.filter(|map| map.get_ref().0.is_empty()) {
        problems.add(map.span(), "`[images]` looks in no registry");
    }
    let mut paths = BTreeMap::new();
    for (registry, path) in table.repositories.entries() {
        let _ = refer("registry", registry, &known, problems);
        let sound = registries.values().find(|sound| sound.name.as_str() == registry.get_ref());
        let pattern = path.and_then(|path| path_pattern(sound, path, problems));
        paths.extend(sound.map(|sound| sound.name.clone()).zip(pattern));
    }
    paths
}

/// A path with the placeholder in one of its parts.
fn path_pattern(
    registry: Option<&RegistrySettings>,
    path: &Spanned<String>,
    problems: &mut Problems,
) -> Option<PathPattern> {
    let text = path.get_ref();
    let parts: Vec<&str> = text.split(PLACEHOLDER).collect();
    let is_path = RepositoryPath::parse(&text.replace(PLACEHOLDER, "x")).is_ok();
    let [before, after] = parts[..] else {
        let message = format!("`{text}` must contain `{PLACEHOLDER}` once");
        let help = "it stands for the image's name, such as `team/{image}`";
        problems.add_with_help(path.span(), message, help);
        return None;
    };
    if !is_path {
        problems.add(
            path.span(),
            format!("`{text}` is not a repository path with `{PLACEHOLDER}` in it"),
        );
        return None;
    }
    let registry = registry?;
    let namespace = registry.namespace.as_ref().map(|namespace| format!("{namespace}/"));
    let before = namespace.unwrap_or_default() + before;
    Some(PathPattern { host: registry.host(), before, after: after.to_owned() })
}

/// Adds the images that were found. What the file names itself, as an image or as a repository of one,
/// is left as it is there.
pub(super) fn add_found(
    found: &FoundImages,
    (raw, registries): (&RawPolicy, &Registries),
    images: &mut BTreeMap<ImageName, Image>,
    owners: &mut RepositoryOwners,
) {
    let written = written_by_environments(raw, registries);
    let spans = raw.images.get().map(|table| &table.repositories);
    for (name, found) in found.iter().filter(|(name, _)| !raw.image.has(name.as_str())) {
        let mut repositories = BTreeMap::new();
        for (registry, repository) in found {
            if owners.has(repository) || written.contains(repository) {
                continue;
            }
            let mut entries = spans.into_iter().flat_map(Field::entries);
            let at = entries.find(|(name, _)| name.get_ref() == registry.as_str());
            let span = at.and_then(|(_, path)| path).map(Spanned::span).unwrap_or_default();
            owners.add(name, repository, span);
            repositories.insert(registry.clone(), repository.clone());
        }
        if !repositories.is_empty() {
            images.insert(name.clone(), Image { platforms: Vec::new(), repositories });
        }
    }
}

/// The repositories that environments have of their own.
fn written_by_environments(raw: &RawPolicy, registries: &Registries) -> BTreeSet<Repository> {
    let mut written = BTreeSet::new();
    let environments = raw.environment.entries().filter_map(|(_, table)| table);
    for (registry, table) in environments.flat_map(|one| one.get_ref().repositories.entries()) {
        let sound = registries.values().find(|sound| sound.name.as_str() == registry.get_ref());
        for path in table.into_iter().flat_map(|table| table.get_ref().0.values().flatten()) {
            // Its problems are added where the environment is read.
            written.extend(repository(sound, path, &mut Problems::default()));
        }
    }
    written
}
