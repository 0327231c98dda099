//! What a record says was deployed, compared with the run that wrote it.

use chrono::{DateTime, Utc};

use super::attempt::ended;
use crate::model::{
    Conclusion, Deployment, DeploymentResult, DeploymentSource, KeptRecord, RecordKind,
    RecordOrigin, Run, RunId, Sha,
};
use crate::policy::SuccessBy;

/// A record of a release that was seen to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDeployment {
    /// The commit, or a prefix of it.
    pub sha: Sha,
    /// When it was recorded.
    pub time: DateTime<Utc>,
    /// The run that recorded it, if it is a run of GitHub's.
    pub run: Option<RunId>,
    /// The page of that run.
    pub url: Option<String>,
    /// The deployment that it is, while it is unknown whether any status of it was `success`.
    pub unconfirmed: Option<u64>,
}

impl RecordedDeployment {
    /// What a record says was deployed; none if it only says what was built.
    #[must_use]
    pub fn of(kept: &KeptRecord) -> Option<Self> {
        let record = &kept.record;
        (kept.kind == RecordKind::Deployed).then(|| Self {
            sha: record.sha.clone(),
            time: record.time,
            run: record.run_id(),
            url: record.run.clone(),
            unconfirmed: match kept.origin {
                RecordOrigin::Deployment(number) => Some(number),
                RecordOrigin::Line(_) => None,
            },
        })
    }
}

/// What is known of the run that wrote a record.
pub(super) struct RecordingRun<'a> {
    pub(super) run: &'a Run,
    /// The commit that it deploys, if it is one of the runs that deploy.
    pub(super) sha: Option<Sha>,
    /// A deploy job of it that did not succeed, in words.
    pub(super) failed_job: Option<&'a str>,
    pub(super) success: SuccessBy,
}

/// The deployment that a record tells of; `recording` is its run, if that was read.
pub(super) fn deployment(
    record: &RecordedDeployment,
    recording: Option<&RecordingRun<'_>>,
) -> Deployment {
    let known = "a record says that it was deployed";
    let (result, detail) = match recording.map(|of| judge(record, of)) {
        None | Some(Ok(())) => (DeploymentResult::Good, known.to_owned()),
        Some(Err((result, why))) => (result, format!("{known}, and {why}")),
    };
    Deployment {
        sha: record.sha.clone(),
        time: record.time,
        result,
        source: DeploymentSource::Record,
        run: record.run,
        url: record.url.clone(),
        detail,
    }
}

/// Whether the run agrees with its record.
fn judge(
    record: &RecordedDeployment,
    recording: &RecordingRun<'_>,
) -> Result<(), (DeploymentResult, String)> {
    let RecordingRun { run, sha, failed_job, success } = recording;
    let id = run.id;
    if let Some(other) = sha.as_ref().filter(|sha| !sha.agrees_with(&record.sha)) {
        return Err((
            DeploymentResult::Disputed,
            format!("run {id}, which wrote it, is of {other}"),
        ));
    }
    if let Some(job) = failed_job {
        return Err((DeploymentResult::Disputed, (*job).to_owned()));
    }
    match (success, run.state.conclusion()) {
        (SuccessBy::Jobs, _) | (SuccessBy::Run, Some(Conclusion::Success)) => Ok(()),
        (SuccessBy::Run, None) => {
            Err((DeploymentResult::RunUnfinished, format!("run {id} has not ended")))
        }
        (SuccessBy::Run, Some(other)) => {
            Err((DeploymentResult::Disputed, format!("run {id} {}", ended(other))))
        }
    }
}
