//! What runs: image references, one a line, matched with the repositories of an environment.
//!
//! Pure text in, values out; `docker ps --format '{{.Image}}'` prints this form, and what kubectl
//! prints is read too: several on a line, with the container runtime in front.

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
    for item in listed(text) {
        count += 1;
        let reference = item
            .read()
            .ok_or_else(|| RunningError::NotAReference { line: item.line, text: item.shown() })?;
        match known(&item, &reference, environment) {
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

fn known(
    item: &ListedItem<'_>,
    reference: &ListedReference,
    environment: &Environment,
) -> Option<RunningImage> {
    environment.images.iter().find_map(|(image, settings)| {
        let (registry, repository) =
            settings.repositories.iter().find(|(_, at)| reference.is_in(at))?;
        Some(RunningImage {
            text: item.text.to_owned(),
            place: Place { image: image.clone(), registry: registry.clone() },
            repository: repository.clone(),
            tag: reference.tag.clone(),
            digest: reference.digest.clone(),
        })
    })
}

/// One item of a list of references, not yet read.
pub(crate) struct ListedItem<'a> {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// What it says, without the container runtime in front.
    pub(crate) text: &'a str,
}

/// A reference, read.
pub(crate) struct ListedReference {
    host: String,
    path: String,
    /// Its tag; `latest` where it names neither tag nor digest.
    pub(crate) tag: Option<TagName>,
    /// Its digest, if it names one.
    pub(crate) digest: Option<Digest>,
}

/// The items of a list, separated by blanks or line ends.
pub(crate) fn listed(text: &str) -> impl Iterator<Item = ListedItem<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().flat_map(|(number, line)| {
        line.split_whitespace().map(move |item| {
            // The image IDs of Docker's old shim in Kubernetes begin so.
            let bare = ["docker-pullable://", "docker://"]
                .into_iter()
                .find_map(|prefix| item.strip_prefix(prefix));
            ListedItem { line: number + 1, text: bare.unwrap_or(item) }
        })
    })
}

impl ListedItem<'_> {
    /// The reference, if it is one in full.
    pub(crate) fn read(&self) -> Option<ListedReference> {
        let reference = Reference::try_from(self.text).ok()?;
        Some(ListedReference {
            host: authority(reference.registry()),
            path: reference.repository().to_owned(),
            tag: reference.tag().map(TagName::parse).transpose().ok()?,
            digest: reference.digest().map(Digest::parse).transpose().ok()?,
        })
    }

    /// As much of it as a message needs.
    pub(crate) fn shown(&self) -> String {
        self.text.chars().take(120).collect()
    }
}

impl ListedReference {
    /// Whether it names something in this repository.
    pub(crate) fn is_in(&self, repository: &Repository) -> bool {
        self.path == repository.path.as_str() && self.host == authority(&repository.host)
    }
}

/// A host as it is compared: the port that is usual anyway left out, one name for Docker Hub.
fn authority(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let bare = [":443", ":80"].into_iter().find_map(|port| host.strip_suffix(port));
    match bare.unwrap_or(&host) {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        bare => bare.to_owned(),
    }
}
