//! The second half of `repair`: makes the planned copies, sets the SHA tags, and moves the latest
//! tags if that was asked for.

use super::super::rollback;
use super::super::{CommandError, PlannedMove, Session};
use super::latest::keep_latest;
use super::{LatestTags, Request};
use crate::change::copy::{
    Copied, CopyCause, CopyJob, CopyPlan, CopyResult, TagCreation, copy_image, tag_create,
};
use crate::change::{MoveCause, MoveVerdict, Stop};
use crate::model::{Repository, RepositoryPath, TagReference};
use crate::report::{Exit, Repair, RepairCopy, RepairResult, Report};

/// The result of planning a repair.
pub enum PlannedRepair<'a> {
    /// The repair may be made now.
    Approved(Box<ApprovedRepair<'a>>),
    /// The final report: of a dry run, or of a repair that must not be made, or need not.
    Ended(Box<Repair>),
}

/// A repair that may be made once. Only [`plan`](super::plan) makes one.
pub struct ApprovedRepair<'a> {
    pub(super) report: Repair,
    pub(super) copies: Vec<PlannedCopy>,
    pub(super) request: Request<'a>,
}

/// A copy to make.
pub(super) struct PlannedCopy {
    pub(super) from: Repository,
    pub(super) to: TagReference,
    pub(super) plan: CopyPlan,
    pub(super) siblings: Vec<RepositoryPath>,
}

/// The end of a repair: the report, and errors that are not part of it.
#[derive(Debug)]
pub struct EndedRepair {
    /// The report.
    pub report: Repair,
    /// Errors that are not in the report: a journal that could not be closed.
    pub problems: Vec<CommandError>,
}

impl ApprovedRepair<'_> {
    /// The plan.
    #[must_use]
    pub fn report(&self) -> &Repair {
        &self.report
    }

    /// Makes the repair. What was copied stays, whatever fails after it.
    pub async fn apply(mut self, session: &Session, stop: &Stop) -> EndedRepair {
        let mut problems = Vec::new();
        for copy in &self.copies {
            let place = self.report.copies.iter_mut().find(|place| place.reference == copy.to);
            let Some(place) = place else { continue };
            if stop.is_requested() {
                self.report.interrupted = true;
                break;
            }
            fill(session, copy, (place, stop)).await;
            self.report.interrupted |= place.result == RepairResult::Failed(CopyCause::Interrupted);
        }
        if self.request.latest == LatestTags::Move {
            problems.extend(self.move_latest(session, stop).await);
        }
        session.finish_requests();
        EndedRepair { report: self.report, problems }
    }

    /// Moves the latest tags, once every place has the release.
    async fn move_latest(&mut self, session: &Session, stop: &Stop) -> Vec<CommandError> {
        if self.report.held_back().is_some() {
            keep_latest(&mut self.report);
            return Vec::new();
        }
        let request = self.request.latest_move(&self.report.sha);
        let planned = match rollback::plan_repair(session, &request, &self.report.sha).await {
            Ok(planned) => planned,
            Err(error) => return self.unmoved(error),
        };
        let ended = match planned {
            PlannedMove::Ended(ended) => Ok(ended),
            PlannedMove::Approved(approved) => approved.apply(session, stop).await,
        };
        match ended {
            Ok(ended) => {
                if let Report::Move(moved) = ended.report {
                    self.report.latest = Some(Box::new(moved));
                }
                ended.problems
            }
            Err(error) => self.unmoved(error),
        }
    }

    /// The move could not begin.
    fn unmoved(&mut self, error: CommandError) -> Vec<CommandError> {
        if let Some(latest) = &mut self.report.latest {
            latest.verdict = MoveVerdict::NotPermitted(MoveCause::Registry);
        }
        vec![error]
    }
}

/// Fills one place, the SHA tag last.
async fn fill(session: &Session, copy: &PlannedCopy, (place, stop): (&mut RepairCopy, &Stop)) {
    let job = CopyJob {
        collector: session.collector(),
        from: &copy.from,
        to: &copy.to.repository,
        digest: &copy.plan.root().digest,
        siblings: &copy.siblings,
        stop,
    };
    session.status(format!("copying {} from {}", copy.to, copy.from));
    let Copied { blobs, bytes, notes, result } = copy_image(&job, &copy.plan).await;
    (place.blobs, place.bytes) = (blobs, bytes);
    for note in notes {
        session.note(note, None);
    }
    let result = match result {
        Ok(content) => tag_create(session.collector(), &copy.to, copy.plan.root())
            .await
            .map(|tag| (content, tag)),
        Err(failure) => Err(failure),
    };
    match result {
        Ok((CopyResult::Already, TagCreation::Already)) => {
            place.result = RepairResult::Already;
            "somebody else filled it in the meantime".clone_into(&mut place.message);
        }
        Ok(_) => {
            place.result = RepairResult::Copied;
            "it was read again".clone_into(&mut place.message);
        }
        Err(failure) => {
            place.result = RepairResult::Failed(failure.cause);
            place.message = failure.message;
        }
    }
}

impl EndedRepair {
    /// The exit code of the program, given the failures to write the report.
    #[must_use]
    pub fn exit(&self, failures: &[Exit]) -> Exit {
        let problems = self.problems.iter().map(|problem| problem.exit);
        let failures = failures.iter().map(|_| Exit::Fails);
        Exit::gravest(problems.chain(failures).chain([self.report.exit()]))
    }
}
