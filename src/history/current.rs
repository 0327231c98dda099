//! Which release is current: said, running, tagged latest, or the newest.

use std::collections::BTreeSet;
use std::fmt;

use super::Timeline;
use crate::model::{
    Coverage, Digest, ImageName, Inventory, Place, Sha, TagKind, TagReference, TagState,
};
use crate::policy::Environment;
use crate::running::RunningImage;

/// How the current release is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrentSource {
    /// It was said.
    From,
    /// It runs.
    Running,
    /// The latest tags point to it.
    LatestTag,
    /// It is the newest.
    Newest,
}

impl CurrentSource {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::Running => "running",
            Self::LatestTag => "latest-tag",
            Self::Newest => "newest",
        }
    }
}

impl fmt::Display for CurrentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::From => "given by --from",
            Self::Running => "it runs",
            Self::LatestTag => "the latest tags point to it",
            Self::Newest => "the newest release",
        })
    }
}

/// A running image, with what its tag resolves to where only a moving tag is known.
#[derive(Debug, Clone)]
pub struct RunningEvidence {
    /// The image.
    pub image: RunningImage,
    /// Its digest, given or resolved.
    pub digest: Option<Digest>,
}

/// How to find out.
#[derive(Debug, Clone, Copy)]
pub enum CurrentQuestion<'a> {
    /// The release that begins with this.
    From(&'a Sha),
    /// The release that runs.
    Running(&'a [RunningEvidence]),
    /// What the latest tags point to, else the newest.
    Unsaid,
}

/// The current release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its index in the timeline.
    pub index: usize,
    /// How it is known.
    pub source: CurrentSource,
    /// What a person should know about that.
    pub notes: Vec<String>,
}

/// Nobody can tell which release is current.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurrentError {
    /// No release begins with this.
    #[error("no release of `{environment}` begins with `{sha}`")]
    NoSuchRelease {
        /// The environment.
        environment: String,
        /// What was given.
        sha: Sha,
    },
    /// Several do.
    #[error("`{sha}` is the beginning of {} releases: {}", .matches.len(), list(.matches))]
    Ambiguous {
        /// What was given.
        sha: Sha,
        /// The releases.
        matches: Vec<Sha>,
    },
    /// The latest tags do not point to one release.
    #[error("the latest tags disagree: {}", .0.join("; "))]
    LatestTagsDisagree(Vec<String>),
    /// More than one release runs.
    #[error("more than one release runs: {}", .0.join("; "))]
    RunningDisagree(Vec<String>),
    /// Something runs that is no known release.
    #[error("`{0}` runs, which is no known release")]
    RunningUnknown(String),
    /// A latest tag could not be read, so it may point anywhere.
    #[error("the latest tag of {0} could not be read")]
    LatestTagUnread(ImageName),
    /// There is no release at all.
    #[error("`{0}` has no releases")]
    NoReleases(String),
    /// Several are equally new.
    #[error("the newest release cannot be told: {}", list(.0))]
    NewestUnknown(Vec<Sha>),
}

fn list(shas: &[Sha]) -> String {
    let mut names: Vec<&str> = shas.iter().take(5).map(Sha::as_str).collect();
    if shas.len() > names.len() {
        names.push("…");
    }
    names.join(", ")
}

/// Finds the current release.
///
/// # Errors
/// [`CurrentError`] when nothing, or more than one release, is found.
pub fn current(
    environment: &Environment,
    inventory: &Inventory,
    timeline: &Timeline,
    question: CurrentQuestion<'_>,
) -> Result<Current, CurrentError> {
    match question {
        CurrentQuestion::From(sha) => from(environment, timeline, sha),
        CurrentQuestion::Running(evidence) => running(environment, timeline, evidence),
        CurrentQuestion::Unsaid => match latest(environment, inventory, timeline)? {
            Told::Release(index) => {
                Ok(Current { index, source: CurrentSource::LatestTag, notes: Vec::new() })
            }
            Told::Nothing(note) => newest(environment, timeline, note),
        },
    }
}

fn from(
    environment: &Environment,
    timeline: &Timeline,
    sha: &Sha,
) -> Result<Current, CurrentError> {
    let releases = timeline.releases();
    let those = |matches: &dyn Fn(&Sha) -> bool| -> Vec<usize> {
        (0..releases.len()).filter(|index| matches(&releases[*index].sha)).collect()
    };
    let mut matches = those(&|other| sha.is_prefix_of(other));
    if matches.is_empty() {
        // Tags may hold fewer digits than were given.
        matches = those(&|other| other.is_prefix_of(sha));
    }
    if let Some(exact) = matches.iter().copied().find(|i| releases[*i].sha == *sha) {
        matches = vec![exact];
    }
    match matches.as_slice() {
        [] => Err(CurrentError::NoSuchRelease {
            environment: environment.name.to_string(),
            sha: sha.clone(),
        }),
        [index] => Ok(Current { index: *index, source: CurrentSource::From, notes: Vec::new() }),
        several => Err(CurrentError::Ambiguous {
            sha: sha.clone(),
            matches: several.iter().map(|index| releases[*index].sha.clone()).collect(),
        }),
    }
}

type Indexes = BTreeSet<usize>;

fn running(
    environment: &Environment,
    timeline: &Timeline,
    evidence: &[RunningEvidence],
) -> Result<Current, CurrentError> {
    let mut told: Vec<(String, Indexes)> = Vec::new();
    for evidence in evidence {
        let found = releases_of(environment, timeline, evidence);
        if found.is_empty() {
            return Err(CurrentError::RunningUnknown(evidence.image.text.clone()));
        }
        told.push((evidence.image.text.clone(), found));
    }
    match newest_common(timeline, &told) {
        Some(index) => Ok(Current { index, source: CurrentSource::Running, notes: Vec::new() }),
        None => Err(CurrentError::RunningDisagree(describe(timeline, &told))),
    }
}

fn releases_of(
    environment: &Environment,
    timeline: &Timeline,
    evidence: &RunningEvidence,
) -> Indexes {
    let tagged =
        evidence.image.tag.as_ref().and_then(|tag| match environment.scheme.classify(tag) {
            TagKind::Sha(sha) => timeline.find(&sha),
            _ => None,
        });
    let Some(digest) = &evidence.digest else {
        return tagged.into_iter().collect();
    };
    let by_digest =
        with_digest(timeline, digest, |place| place.image == evidence.image.place.image);
    match tagged {
        Some(index) if by_digest.contains(&index) => BTreeSet::from([index]),
        _ => by_digest,
    }
}

fn with_digest(timeline: &Timeline, digest: &Digest, place: impl Fn(&Place) -> bool) -> Indexes {
    let has = |index: &usize| {
        timeline.releases()[*index]
            .copies
            .iter()
            .any(|(at, copy)| place(at) && copy.digest() == Some(digest))
    };
    (0..timeline.releases().len()).filter(has).collect()
}

enum Told {
    Release(usize),
    Nothing(String),
}

fn latest(
    environment: &Environment,
    inventory: &Inventory,
    timeline: &Timeline,
) -> Result<Told, CurrentError> {
    let tag = &environment.scheme.latest;
    let mut told: Vec<(String, Indexes)> = Vec::new();
    for (place, repository) in &inventory.repositories {
        let Some(TagState::Read(record)) = repository.tags.get(tag) else {
            continue;
        };
        let found = with_digest(timeline, &record.digest, |at| at == place);
        // What was not read may well be the release that the tag points to.
        if found.is_empty() && repository.coverage != Coverage::Complete {
            continue;
        }
        let reference =
            TagReference { repository: repository.repository.clone(), tag: tag.clone() };
        told.push((reference.to_string(), found));
    }
    if told.is_empty()
        && let Some(image) = unanswered(inventory)
    {
        return Err(CurrentError::LatestTagUnread(image.clone()));
    }
    if told.is_empty() {
        return Ok(Told::Nothing(format!("no latest tag (`{tag}`) was found")));
    }
    if told.iter().all(|(_, found)| found.is_empty()) {
        let note = format!("`{tag}` points to no release that has a SHA tag");
        return Ok(Told::Nothing(note));
    }
    match newest_common(timeline, &told) {
        Some(index) => Ok(Told::Release(index)),
        None => Err(CurrentError::LatestTagsDisagree(describe(timeline, &told))),
    }
}

/// An image for which no registry said for certain that there is no latest tag.
fn unanswered(inventory: &Inventory) -> Option<&ImageName> {
    let answers = |image: &ImageName| {
        let mut places = inventory.repositories.iter().filter(|(place, _)| place.image == *image);
        places.any(|(_, repository)| repository.coverage == Coverage::Complete)
    };
    inventory.repositories.keys().map(|place| &place.image).find(|image| !answers(image))
}

/// The newest of the releases that everything agrees on; they have the same content.
fn newest_common(timeline: &Timeline, told: &[(String, Indexes)]) -> Option<usize> {
    let mut sets = told.iter().map(|(_, found)| found.clone());
    let first = sets.next()?;
    let common = sets.fold(first, |common, found| &common & &found);
    common.into_iter().min_by_key(|index| (timeline.rank(*index).unwrap_or(usize::MAX), *index))
}

/// What the evidence says, grouped by release: `SHA by reference, reference`.
fn describe(timeline: &Timeline, told: &[(String, Indexes)]) -> Vec<String> {
    let mut groups: Vec<(&Indexes, Vec<&str>)> = Vec::new();
    for (what, found) in told {
        match groups.iter_mut().find(|(known, _)| *known == found) {
            Some((_, whats)) => whats.push(what),
            None => groups.push((found, vec![what])),
        }
    }
    let sentence = |(found, whats): (&Indexes, Vec<&str>)| {
        let shas: Vec<&str> =
            found.iter().map(|index| timeline.releases()[*index].sha.as_str()).collect();
        let release =
            if shas.is_empty() { "no known release".to_owned() } else { shas.join(" or ") };
        format!("{release} by {}", whats.join(", "))
    };
    groups.into_iter().map(sentence).collect()
}

fn newest(
    environment: &Environment,
    timeline: &Timeline,
    note: String,
) -> Result<Current, CurrentError> {
    let ranked: Vec<usize> =
        (0..timeline.releases().len()).filter(|i| timeline.rank(*i) == Some(0)).collect();
    let sha = |index: &usize| timeline.releases()[*index].sha.clone();
    match ranked.as_slice() {
        [index] => Ok(Current { index: *index, source: CurrentSource::Newest, notes: vec![note] }),
        [] if timeline.releases().is_empty() => {
            Err(CurrentError::NoReleases(environment.name.to_string()))
        }
        [] => Err(CurrentError::NewestUnknown(
            timeline.releases().iter().map(|release| release.sha.clone()).collect(),
        )),
        tied => Err(CurrentError::NewestUnknown(tied.iter().map(sha).collect())),
    }
}

impl Current {
    /// The SHA of the current release.
    #[must_use]
    pub fn sha<'a>(&self, timeline: &'a Timeline) -> &'a Sha {
        &timeline.releases()[self.index].sha
    }
}
