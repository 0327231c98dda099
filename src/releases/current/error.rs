//! Why nobody can tell which release is current.

use crate::model::{ImageName, Sha};

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
