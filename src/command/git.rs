//! The git history of an environment's branch.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::Session;
use super::git_refusal::GitRefusal;
use crate::model::{EnvironmentName, GitHistory, ReleaseOrder, Sha};
use crate::policy::Environment;

/// The git history of a branch; empty without a checkout.
#[derive(Debug, Clone, Default)]
pub struct GitLog {
    /// The history, empty where there is none or git refused.
    pub(super) history: GitHistory,
    is_shallow: bool,
    refusal: Option<GitRefusal>,
}

/// The git history of each environment's branch.
pub type GitLogs = BTreeMap<EnvironmentName, GitLog>;

impl GitLog {
    /// Reads the output of `git log --first-parent --format='%H %ct'`. A shallow checkout has only
    /// a part of the history.
    #[must_use]
    pub fn parse(text: &str, is_shallow: bool) -> Self {
        let commit = |line: &str| {
            let (sha, time) = line.split_once(' ')?;
            Some((Sha::parse(sha).ok()?, DateTime::from_timestamp(time.parse().ok()?, 0)?))
        };
        let history = GitHistory::new(text.lines().filter_map(commit).collect());
        Self { history, is_shallow, refusal: None }
    }

    /// Git refused to answer.
    #[must_use]
    pub fn refused(refusal: GitRefusal) -> Self {
        Self { refusal: Some(refusal), ..Self::default() }
    }

    /// Warns where the releases are ordered by git, and too little of the history is there.
    pub(super) fn check(&self, session: &Session, environment: &Environment) {
        let name = &environment.name;
        let by_git = environment.order == ReleaseOrder::Git;
        if let Some(GitRefusal { message, hint }) = &self.refusal {
            let hint = Some(hint.clone());
            if by_git {
                let text =
                    format!("`order = \"git\"` for {name}, but git refused to answer: {message}");
                session.warn(text, hint);
            } else {
                // Releases are ordered by time; git only decides between equal times.
                let text = format!(
                    "git refused to answer, so releases of {name} with equal times cannot be ordered: {message}"
                );
                session.note(text, hint);
            }
        } else if by_git && (self.history.is_empty() || self.is_shallow) {
            let what = if self.history.is_empty() {
                "no git history"
            } else {
                "only a part of the git history"
            };
            session.warn(
                format!("`order = \"git\"` for {name}, but there is {what} here; run this in a full checkout (fetch-depth: 0)"),
                None,
            );
        }
    }
}
