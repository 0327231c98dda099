//! What runs: image references, one a line, matched with the repositories of an environment.
//!
//! Pure text in, values out; `docker ps --format '{{.Image}}'` prints this form.

use oci_distribution::Reference;

use crate::model::{Digest, Place, Repository, TagName};
use crate::policy::Environment;

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
    /// How many references are of no image of the environment.
    pub ignored: usize,
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
    },
}

/// Reads references and matches them with an environment.
///
/// # Errors
/// [`RunningError`] when a line is no reference, or none is of the environment.
pub fn parse(text: &str, environment: &Environment) -> Result<Running, RunningError> {
    let mut running = Running::default();
    let mut count = 0;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        count += 1;
        let reference = Reference::try_from(line).map_err(|_| RunningError::NotAReference {
            line: number + 1,
            text: line.chars().take(120).collect(),
        })?;
        match known(line, &reference, environment) {
            Some(image) if running.images.contains(&image) => {}
            Some(image) => running.images.push(image),
            None => running.ignored += 1,
        }
    }
    if count == 0 {
        return Err(RunningError::Empty);
    }
    if running.images.is_empty() {
        let environment = environment.name.to_string();
        return Err(RunningError::NothingKnown { count, environment });
    }
    Ok(running)
}

fn known(text: &str, reference: &Reference, environment: &Environment) -> Option<RunningImage> {
    environment.images.iter().find_map(|(image, settings)| {
        let (registry, repository) = settings.repositories.iter().find(|(_, repository)| {
            repository.host == reference.registry()
                && repository.path.as_str() == reference.repository()
        })?;
        Some(RunningImage {
            text: text.to_owned(),
            place: Place { image: image.clone(), registry: registry.clone() },
            repository: repository.clone(),
            tag: reference.tag().and_then(|tag| TagName::parse(tag).ok()),
            digest: reference.digest().and_then(|digest| Digest::parse(digest).ok()),
        })
    })
}
