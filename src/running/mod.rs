//! What runs: image references and IDs, one a line, matched with the repositories of an environment.
//!
//! Pure text in, values out; `docker ps --format '{{.Image}}'` prints this form, and what kubectl
//! prints is read too: several on a line, with the container runtime in front.

mod listed;
mod mirror_match;

use crate::model::{Digest, ImageId, Place, Repository, TagKind, TagName};
use crate::policy::Environment;

pub(crate) use listed::{Listed, ListedItem, ListedReference, listed};

/// A running image that the environment knows.
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
    /// What the environment knows, in the order given, each once.
    pub images: Vec<RunningImage>,
    /// Images that are named by an ID alone, each once: which they are, only registries tell.
    pub ids: Vec<ImageId>,
    /// How many references are of no image of the environment.
    pub ignored: usize,
    /// What seems to be of the environment, and is pulled by an address that the policy has not.
    pub warnings: Vec<String>,
    /// IDs of which no registry has an image of the environment.
    pub unknown: Vec<ImageId>,
}

/// The list of running images cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunningError {
    /// A line is not an image reference.
    #[error("line {line} of the running images is not an image reference: `{text}`")]
    NotAReference {
        /// The line, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
    /// There is no line in it.
    #[error("the list of running images is empty")]
    Empty,
    /// Nothing in it belongs to the environment.
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
/// [`RunningError`] when a line is no reference, or none is of the environment.
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
            let warning = nearly_known(item, reference, environment);
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

/// What is said of a reference that would be of the environment if its host were a mirror.
fn nearly_known(
    item: &ListedItem<'_>,
    reference: &ListedReference,
    environment: &Environment,
) -> Option<String> {
    let ours = |tag: &TagName| environment.scheme.classify(tag) != TagKind::Foreign;
    reference.tag.as_ref().filter(|tag| ours(tag))?;
    let repositories = environment.images.values().flat_map(|image| &image.repositories);
    let fitting = repositories.filter_map(|(name, at)| {
        let mirror = reference.mirror_that_fits(at, environment.mirrors.get(name))?;
        Some((at, mirror))
    });
    unknown_mirror(item, fitting)
}

/// The warning about a reference that fits a repository but for its host; the longest path that
/// fits is meant.
pub(crate) fn unknown_mirror<'a>(
    item: &ListedItem<'_>,
    fitting: impl Iterator<Item = (&'a Repository, String)>,
) -> Option<String> {
    let (repository, mirror) = fitting.min_by_key(|(at, mirror)| (mirror.len(), *at))?;
    let (shown, registry) = (item.shown(), &repository.registry);
    Some(format!(
        "`{shown}` would be of {repository} but for its host, and is left out; if that host serves the same images, add `mirrors = [\"{mirror}\"]` to `[registry.{registry}]`"
    ))
}
