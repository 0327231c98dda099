//! `repair`: fills the places where a release is missing or not whole from a registry that has it
//! whole. No SHA tag is ever moved.
//!
//! What is there is never sent again, so a run that was killed is simply repeated; no journal is
//! needed for that.

mod approved;
mod latest;
mod planning;
mod recorded;
mod sources;

use std::path::PathBuf;

use super::moves::MovePurpose;
use super::rollback::{self, RollbackTo};
use super::{CommandError, GitLog, Session, State};
use crate::change::WhileRunning;
use crate::model::Sha;

pub use approved::{ApprovedRepair, EndedRepair, PlannedRepair};

/// Asks to repair a release.
pub struct Request<'a> {
    /// The environment.
    pub environment: String,
    /// The release: a commit SHA or the beginning of one.
    pub sha: String,
    /// Where the SHA comes from, for messages, such as `--sha`.
    pub sha_origin: &'static str,
    /// The registry to copy from; by default one that has the release whole.
    pub from: Option<String>,
    /// Whether the latest tags are to move to the release as well.
    pub latest: LatestTags,
    /// Whether anything is copied, or it is only reported what would be.
    pub purpose: MovePurpose,
    /// The history of the environment's branch.
    pub git: GitLog,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The file to record a move of latest tags in; by default a new one in the state directory.
    pub journal: Option<PathBuf>,
}

/// What becomes of the latest tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatestTags {
    /// They stay where they are.
    Stay,
    /// They move to the release, everywhere or nowhere.
    Move,
}

impl<'a> Request<'a> {
    /// Asks what a repair of a release would copy.
    #[must_use]
    pub fn new(environment: &str, sha: &str, state: &'a dyn State) -> Self {
        Self {
            environment: environment.to_owned(),
            sha: sha.to_owned(),
            sha_origin: "the SHA",
            from: None,
            latest: LatestTags::Stay,
            purpose: MovePurpose::DryRun,
            git: GitLog::default(),
            state,
            journal: None,
        }
    }

    /// The move of the latest tags to the release, as `rollback` makes one.
    fn latest_move(&self, sha: &Sha) -> rollback::Request<'a> {
        rollback::Request {
            environment: self.environment.clone(),
            target: RollbackTo::Sha(sha.to_string()),
            purpose: self.purpose,
            git: self.git.clone(),
            state: self.state,
            journal: self.journal.clone(),
            while_running: WhileRunning::Refuse,
        }
    }
}

/// Plans a repair: reads every place, chooses what to copy from, and asks each target what it lacks.
/// Nothing is written.
///
/// # Errors
/// [`CommandError`] when the policy does not have the environment or the registry, or when the SHA
/// may name several releases.
pub async fn plan<'a>(
    session: &'a Session,
    request: Request<'a>,
) -> Result<PlannedRepair<'a>, CommandError> {
    planning::plan(session, request).await
}
