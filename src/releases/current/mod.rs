//! Which release is current: given by the user, running, tagged latest, or the newest.

mod error;
mod evidence;

use std::fmt;

use super::deployed::{DeployedReleases, LastDeployed};
use super::{ReleaseNumber, Timeline};
use crate::model::{Digest, Inventory, ReleaseOrder, Sha};
use crate::policy::Environment;
use crate::running::RunningImage;

pub use error::CurrentError;
use evidence::{LatestTagsResult, latest, running};

/// How the current release is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum CurrentSource {
    /// The user gave it.
    From,
    /// It is running.
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
        self.into()
    }
}

impl fmt::Display for CurrentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::From => "given by --from",
            Self::Running => "it is running",
            Self::LatestTag => "the latest tags point to it",
            Self::Newest => "the newest release",
        })
    }
}

/// A running image, with its digest.
#[derive(Debug, Clone)]
pub struct RunningEvidence {
    /// The image.
    pub image: RunningImage,
    /// Its digest: given, or resolved from a moving tag.
    pub digest: Option<Digest>,
}

/// How to find the current release.
#[derive(Debug, Clone, Copy)]
pub enum CurrentQuestion<'a> {
    /// The release whose SHA begins with this.
    From(&'a Sha),
    /// The running release.
    Running(&'a [RunningEvidence]),
    /// What the latest tags point to, else the newest.
    LatestTags,
}

/// The current release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its index in the timeline.
    pub index: usize,
    /// How it is known.
    pub source: CurrentSource,
    /// What the user should know about that.
    pub notes: Vec<String>,
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
        CurrentQuestion::LatestTags => match latest(environment, inventory, timeline)? {
            LatestTagsResult::Release(index, note) => {
                let notes = note.into_iter().collect();
                Ok(Current { index, source: CurrentSource::LatestTag, notes })
            }
            LatestTagsResult::Nothing(note) => newest(environment, timeline, note),
        },
    }
}

fn from(
    environment: &Environment,
    timeline: &Timeline,
    sha: &Sha,
) -> Result<Current, CurrentError> {
    let releases = timeline.releases();
    let indexes = |matches: &dyn Fn(&Sha) -> bool| -> Vec<usize> {
        (0..releases.len()).filter(|index| matches(&releases[*index].sha)).collect()
    };
    let mut matches = indexes(&|other| sha.is_prefix_of(other));
    if matches.is_empty() {
        // Tags may have fewer digits than were given.
        matches = indexes(&|other| other.is_prefix_of(sha));
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

fn newest(
    environment: &Environment,
    timeline: &Timeline,
    note: String,
) -> Result<Current, CurrentError> {
    if environment.order == ReleaseOrder::Deployed {
        return last_deployed(environment, timeline, &note);
    }
    // A release without a rank may be newer than the first.
    let may_be = |index: &usize| timeline.rank(*index).is_none_or(|rank| rank == 0);
    let ranked: Vec<usize> = (0..timeline.releases().len()).filter(may_be).collect();
    let sha = |index: &usize| timeline.releases()[*index].sha.clone();
    match ranked.as_slice() {
        [index] => Ok(Current { index: *index, source: CurrentSource::Newest, notes: vec![note] }),
        [] => Err(CurrentError::NoReleases(environment.name.to_string())),
        tied => Err(CurrentError::NewestUnknown(tied.iter().map(sha).collect())),
    }
}

/// The release that was deployed last. It need not be known to be good.
fn last_deployed(
    environment: &Environment,
    timeline: &Timeline,
    note: &str,
) -> Result<Current, CurrentError> {
    let last = timeline.deployed_releases().map_or(LastDeployed::Unread, DeployedReleases::last);
    match last {
        LastDeployed::Release(release) => Ok(Current {
            index: timeline.index(release),
            source: CurrentSource::Newest,
            notes: vec![format!(
                "{note}, so the release that was deployed last is the current one"
            )],
        }),
        LastDeployed::OneOf(releases) => {
            let sha = |release: ReleaseNumber| timeline.model().sha(release).clone();
            Err(CurrentError::NewestUnknown(releases.into_iter().map(sha).collect()))
        }
        LastDeployed::None if timeline.releases().is_empty() => {
            Err(CurrentError::NoReleases(environment.name.to_string()))
        }
        LastDeployed::None => Err(CurrentError::NeverDeployed(environment.name.to_string())),
        LastDeployed::Unread => Err(CurrentError::DeploymentsUnread(environment.name.to_string())),
    }
}

impl Current {
    /// The SHA of the current release.
    #[must_use]
    pub fn sha<'a>(&self, timeline: &'a Timeline) -> &'a Sha {
        &timeline.releases()[self.index].sha
    }
}
