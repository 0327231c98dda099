//! Brings a release to where its new tags will be, where a promotion goes to another repository.

use futures_util::future::join_all;

use super::plan::{MovePlan, PlannedPlace};
use super::rehearse::FailedPreparation;
use super::result::{MoveCause, MoveVerdict, MovedPlace, PlaceResult};
use crate::change::copy::{self, CopyCause, CopyFailure, CopyJob, CopyPlan, copy_image, copy_plan};
use crate::change::stop::Stop;
use crate::collect::Collector;
use crate::model::Repository;
use crate::policy::Policy;

/// What bringing a release to other repositories needs.
#[derive(Clone, Copy)]
pub struct FillJob<'a> {
    /// The registries, and who is told how far it is.
    pub collector: Collector<'a>,
    /// The policy: blobs are mounted from its other repositories.
    pub policy: &'a Policy,
    /// The move.
    pub plan: &'a MovePlan,
    /// Once it is set nothing new is begun.
    pub stop: &'a Stop,
}

/// What has to be copied for a move.
#[derive(Debug, Default)]
pub struct FillPlan {
    /// In words, one for each place that lacks something.
    pub notes: Vec<String>,
    /// The most bytes that would be sent.
    pub bytes: u64,
}

/// What has to be copied for a move. Changes nothing.
///
/// # Errors
/// [`FailedPreparation`] when one side could not be read, or the source cannot be copied.
pub async fn fill_plan(job: &FillJob<'_>) -> Result<FillPlan, Box<FailedPreparation>> {
    let plans = job.plan.places.iter().map(|place| async move {
        let Some(from) = &place.copy_from else { return Ok(None) };
        let plan = job.copy_plan(place, from).await?;
        Ok((!plan.is_empty()).then(|| {
            let blobs = plan.blobs();
            let to = &place.latest.repository;
            let (sent, mounted) = (blobs.sent, blobs.mounted);
            let note = format!(
                "{to} lacks the release: it is copied from {from}, {sent} blobs sent and {mounted} mounted, {} bytes at most",
                plan.bytes()
            );
            (note, plan.bytes())
        }))
    });
    let mut plan = FillPlan::default();
    for (note, bytes) in settled(job.plan, join_all(plans).await)?.into_iter().flatten() {
        plan.notes.push(note);
        plan.bytes = plan.bytes.saturating_add(bytes);
    }
    Ok(plan)
}

/// Copies the release to the repositories that lack it, one place at a time. No tag of a release is
/// written.
///
/// # Errors
/// [`FailedPreparation`] when something could not be copied.
pub async fn fill(job: &FillJob<'_>) -> Result<Filled, Box<FailedPreparation>> {
    let (mut results, mut copied) = (Vec::new(), Vec::new());
    for place in &job.plan.places {
        let result = match &place.copy_from {
            Some(from) if !place.is_finished() => job.copy(place, from, &mut copied).await,
            _ => Ok(Vec::new()),
        };
        let failed = result.is_err();
        results.push(result);
        if failed {
            break;
        }
    }
    match settled(job.plan, results) {
        Ok(notes) => Ok(Filled { notes: notes.into_iter().flatten().collect(), copied }),
        Err(failed) => Err(Box::new(FailedPreparation { copied, ..*failed })),
    }
}

/// What was copied before a move.
#[derive(Debug)]
pub struct Filled {
    /// What to know about it.
    pub notes: Vec<String>,
    /// Where something was copied to.
    pub copied: Vec<Repository>,
}

impl<'a> FillJob<'a> {
    async fn copy_plan(
        &self,
        place: &PlannedPlace,
        from: &Repository,
    ) -> Result<CopyPlan, CopyFailure> {
        let to = &place.latest.repository;
        let siblings = copy::siblings(self.policy, to);
        copy_plan(&self.copy_job(place, from, &siblings)).await
    }

    async fn copy(
        &self,
        place: &PlannedPlace,
        from: &Repository,
        done: &mut Vec<Repository>,
    ) -> Result<Vec<String>, CopyFailure> {
        let siblings = copy::siblings(self.policy, &place.latest.repository);
        let job = self.copy_job(place, from, &siblings);
        let plan = copy_plan(&job).await?;
        if !plan.is_empty() {
            done.push(place.latest.repository.clone());
        }
        let copied = copy_image(&job, &plan).await;
        copied.result.map(|_| copied.notes)
    }

    fn copy_job<'b>(
        &self,
        place: &'b PlannedPlace,
        from: &'b Repository,
        siblings: &'b [crate::model::RepositoryPath],
    ) -> CopyJob<'b>
    where
        'a: 'b,
    {
        CopyJob {
            collector: self.collector,
            from,
            to: &place.latest.repository,
            digest: &place.after.digest,
            siblings,
            stop: self.stop,
        }
    }
}

/// All results, or the places with those that failed.
fn settled<T>(
    plan: &MovePlan,
    results: Vec<Result<T, CopyFailure>>,
) -> Result<Vec<T>, Box<FailedPreparation>> {
    let mut places: Vec<MovedPlace> = plan.places.iter().map(MovedPlace::planned).collect();
    let (mut good, mut failures) = (Vec::new(), Vec::new());
    for (place, result) in places.iter_mut().zip(results) {
        match result {
            Ok(value) => good.push(value),
            Err(failure) => {
                place.result = PlaceResult::Failed;
                place.message = format!("no tag was moved: {}", failure.message);
                failures.push(failure.cause);
            }
        }
    }
    let Some(verdict) = failures.iter().map(|cause| verdict(*cause)).min_by_key(|it| it.0) else {
        return Ok(good);
    };
    let interrupted = failures.contains(&CopyCause::Interrupted);
    Err(Box::new(FailedPreparation { places, verdict: verdict.1, interrupted, copied: Vec::new() }))
}

/// What a failed copy makes of the move, the gravest first.
fn verdict(cause: CopyCause) -> (u8, MoveVerdict) {
    match cause {
        CopyCause::Conflict => (0, MoveVerdict::NotPermitted(MoveCause::Conflict)),
        CopyCause::Rights => (1, MoveVerdict::NotPermitted(MoveCause::Rights)),
        CopyCause::Registry | CopyCause::Interrupted => {
            (2, MoveVerdict::NotPermitted(MoveCause::Registry))
        }
        CopyCause::Source => (3, MoveVerdict::Missing),
    }
}
