//! Running images: a list of image references and IDs, matched with the repositories of an environment.
//!
//! Reads what `docker ps --format '{{.Image}}'` prints, one a line, and what kubectl prints: several on
//! a line, with the container runtime as prefix. Pure: it takes the text, not a file.

mod listed;
mod mirror_match;

use crate::model::{Digest, ImageId, Place, Repository, TagKind, TagName};
use crate::policy::Environment;

pub(crate) use listed::{Listed, ListedItem, ListedReference, listed};

/// A running image of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningImage {
    /// The reference as it was given.
    pub text: String,
    /// Which image of which registry it is.
    pub place: Place,
    /// Its repository.
    pub repository: Repository,
    /// Its tag, if it names one (or none at all, which means `latest`).
    pub tag: Option<TagName>,
    /// Its digest, if it names one.
    pub digest: Option<Digest>,
}

/// Everything that was listed as running.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Running {
    /// Images of the environment, in the order given, each once.
    pub images: Vec<RunningImage>,
    /// Images named by an ID alone, each once. Which images they are has to be asked of the registries.
    pub ids: Vec<ImageId>,
    /// How many references are to no image of the environment.
    pub ignored: usize,
    /// References that seem to be to an image of the environment, by an address the policy does not name.
    pub warnings: Vec<String>,
    /// IDs that match no image of the environment in any registry.
    pub unknown: Vec<ImageId>,
}

/// Why a list of running images cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunningError {
    /// A line is not an image reference.
    #[error("line {line} of the running images: `{text}` is not an image reference or ID")]
    NotAReference {
        /// The line, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
    /// It is empty.
    #[error("the list of running images is empty")]
    Empty,
    /// None of its items belongs to the environment.
    #[error("none of the {count} running images is an image of `{environment}`")]
    NothingKnown {
        /// How many were listed.
        count: usize,
        /// The environment.
        environment: String,
        /// What may be the reason.
        hint: Option<String>,
    },
}

impl RunningError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::NothingKnown { hint: Some(hint), .. } => hint,
            _ => {
                "give image references, one a line, as `docker ps --format '{{.Image}}'` prints them"
            }
        }
    }
}

/// Reads references and matches them with an environment.
///
/// # Errors
/// [`RunningError`] when an item is not a reference, or none belongs to the environment.
pub fn parse(text: &str, environment: &Environment) -> Result<Running, RunningError> {
    let mut running = Running::default();
    let mut count = 0;
    for item in listed(text) {
        count += 1;
        let read = item
            .read()
            .ok_or_else(|| RunningError::NotAReference { line: item.line, text: item.shown() })?;
        match read {
            Listed::Id(id) if running.ids.contains(&id) => {}
            Listed::Id(id) => running.ids.push(id),
            Listed::Reference(reference) => add(&mut running, &item, &reference, environment),
        }
    }
    if count == 0 {
        return Err(RunningError::Empty);
    }
    if running.images.is_empty() && running.ids.is_empty() {
        let environment = environment.name.to_string();
        let hint = running.warnings.into_iter().next();
        return Err(RunningError::NothingKnown { count, environment, hint });
    }
    Ok(running)
}

fn add(
    running: &mut Running,
    item: &ListedItem<'_>,
    reference: &ListedReference,
    environment: &Environment,
) {
    match known(item, reference, environment) {
        Some(image) if running.images.contains(&image) => {}
        Some(image) => running.images.push(image),
        None => {
            running.ignored += 1;
            let warning = unknown_mirror_warning(item, reference, environment);
            running.warnings.extend(warning.filter(|text| !running.warnings.contains(text)));
        }
    }
}

fn known(
    item: &ListedItem<'_>,
    reference: &ListedReference,
    environment: &Environment,
) -> Option<RunningImage> {
    environment.images.iter().find_map(|(image, settings)| {
        let (registry, repository) = settings
            .repositories
            .iter()
            .find(|(name, at)| reference.is_in(at, environment.mirrors.get(*name)))?;
        Some(RunningImage {
            text: item.text.to_owned(),
            place: Place { image: image.clone(), registry: registry.clone() },
            repository: repository.clone(),
            tag: reference.tag.clone(),
            digest: reference.digest.clone(),
        })
    })
}

/// The warning about a reference that would match the environment if its host were a mirror.
fn unknown_mirror_warning(
    item: &ListedItem<'_>,
    reference: &ListedReference,
    environment: &Environment,
) -> Option<String> {
    let is_known = |tag: &TagName| environment.scheme.classify(tag) != TagKind::Foreign;
    reference.tag.as_ref().filter(|tag| is_known(tag))?;
    let repositories = environment.images.values().flat_map(|image| &image.repositories);
    let matching = repositories.filter_map(|(name, at)| {
        let mirror = reference.possible_mirror(at, environment.mirrors.get(name))?;
        Some((at, mirror))
    });
    unknown_mirror(item, matching)
}

/// The warning about a reference that matches a repository except for its host. Of several
/// repositories the one with the longest matching path is named.
pub(crate) fn unknown_mirror<'a>(
    item: &ListedItem<'_>,
    matching: impl Iterator<Item = (&'a Repository, String)>,
) -> Option<String> {
    let (repository, mirror) = matching.min_by_key(|(at, mirror)| (mirror.len(), *at))?;
    let (shown, registry) = (item.shown(), &repository.registry);
    Some(format!(
        "`{shown}` matches {repository} except for its host, and is ignored; if that host serves the same images, add `mirrors = [\"{mirror}\"]` to `[registry.{registry}]`"
    ))
}
