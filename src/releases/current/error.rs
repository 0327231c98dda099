//! Why the current release is unknown.

use crate::model::{ImageName, Sha};

/// Why the current release is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurrentError {
    /// No release has a SHA that begins with this.
    #[error("no release of `{environment}` begins with `{sha}`")]
    NoSuchRelease {
        /// The environment.
        environment: String,
        /// What was given.
        sha: Sha,
    },
    /// The SHAs of several releases begin with it.
    #[error("`{sha}` matches {} releases: {}", .matches.len(), list(.matches))]
    Ambiguous {
        /// What was given.
        sha: Sha,
        /// The releases.
        matches: Vec<Sha>,
    },
    /// The latest tags do not point to one release.
    #[error("the latest tags disagree: {}", .0.join("; "))]
    LatestTagsDisagree(Vec<String>),
    /// More than one release is running.
    #[error("more than one release is running: {}", .0.join("; "))]
    RunningDisagree(Vec<String>),
    /// An image is running that belongs to no known release.
    #[error("`{0}` is running, and belongs to no known release")]
    RunningUnknown(String),
    /// A latest tag could not be read, so it may point to any release.
    #[error("the latest tag of {0} could not be read")]
    LatestTagUnread(ImageName),
    /// There are no releases.
    #[error("`{0}` has no releases")]
    NoReleases(String),
    /// No release was ever deployed, by all that was read.
    #[error("there is no evidence that a release of `{0}` was ever deployed")]
    NeverDeployed(String),
    /// It depends on deployments that were not read.
    #[error("it is not known yet what was deployed to `{0}` last")]
    DeploymentsUnread(String),
    /// Several releases may be the newest.
    #[error("it is unknown which release is the newest: {}", list(.0))]
    NewestUnknown(Vec<Sha>),
}

fn list(shas: &[Sha]) -> String {
    let mut names: Vec<String> = shas.iter().take(5).map(Sha::to_string).collect();
    if shas.len() > names.len() {
        names.push("…".to_owned());
    }
    names.join(", ")
}
